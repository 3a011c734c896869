using AkkaWal.Storage;

namespace AkkaWal.Node.CommandLine.Health;

/// <summary>What the repairs are called on the command line: cut-tail for CutTail.</summary>
internal static class RepairNames
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All = [.. Enum.GetValues<RepairKind>().Select(Of)];

    /// <summary>A repair's name.</summary>
    public static string Of(RepairKind kind) => string.Concat(kind.ToString().Select(static (letter, at) =>
        char.IsUpper(letter) && at > 0 ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));

    /// <summary>The repair of a name.</summary>
    public static RepairKind Parse(string name) => Enum.GetValues<RepairKind>().First(kind => Of(kind) == name);
}
