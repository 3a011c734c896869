using System.Text.RegularExpressions;
using AkkaWal.Storage;

namespace AkkaWal.Node.CommandLine;

/// <summary>The names of the repairs on the command line: cut-tail for CutTail.</summary>
internal static partial class RepairNames
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All = [.. Enum.GetValues<RepairKind>().Select(Of)];

    /// <summary>A repair's name.</summary>
    public static string Of(RepairKind kind) => Of(kind.ToString());

    /// <summary>The repair of a name.</summary>
    public static RepairKind Parse(string name) => Enum.GetValues<RepairKind>().First(kind => Of(kind) == name);

    /// <summary>
    /// A message of the library with commands in place of its functions: <c>LogRepair.SealAsItIs(8)</c> is
    /// <c>repair seal-as-it-is --segment 8</c>.
    /// </summary>
    public static string ToCommands(string message) => LibraryFunction().Replace(message, static found =>
    {
        var verb = found.Groups["type"].Value switch { "Verifier" => "verify", "Backup" => "backup", _ => "repair" };
        if (found.Groups["function"] is { Success: true } function) verb += $" {Of(function.Value)}";
        return found.Groups["segment"] is { Success: true } segment ? $"{verb} --segment {segment.Value}" : verb;
    });

    private static string Of(string function) => string.Concat(function.Select(static (letter, at) =>
        char.IsUpper(letter) && at > 0 ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));

    [GeneratedRegex(@"\bLog(?<type>Repair|Verifier|Backup)\b(\.(?<function>\w+)(\((?<segment>\d+)\))?)?")]
    private static partial Regex LibraryFunction();
}
