using System.Text.RegularExpressions;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.Documents;

/// <summary>
/// Runs the commands of one document, one after the other, in an empty directory, where they find the program under its
/// names in the documents.
/// </summary>
internal sealed partial class DocumentRun : IDisposable
{
    // The directory's name in the documents.
    private const string ShownDirectory = "/tmp/shop";

    // Commands that need a setup which the document does not show.
    private static readonly Dictionary<string, Func<string, IDisposable>> Around = new()
    {
        ["akkawal append wal < orders.txt"] = directory => SegmentedLog.Open(Path.Combine(directory, "wal")),
    };

    private readonly string _root = Directory.CreateTempSubdirectory("documents-").FullName;
    private readonly string _directory, _programs;

    public DocumentRun()
    {
        (_directory, _programs) = (Path.Combine(_root, "shop"), Path.Combine(_root, "bin"));
        Directory.CreateDirectory(_directory);
        Directory.CreateDirectory(_programs);
        File.CreateSymbolicLink(Path.Combine(_programs, "akkawal"), BuiltProgram.Path);
        // On a busy machine a reply may take longer than the node gives itself.
        var node = Path.Combine(_programs, "AkkaWal.Node");
        var patient = Path.Combine(AppContext.BaseDirectory, "EndToEnd", "patient.conf");
        File.WriteAllText(
            node, $"""
            #!/bin/sh
            case "$1" in
            -*) exec '{BuiltProgram.Path}' "$@" --config '{patient}' ;;
            *) exec '{BuiltProgram.Path}' "$@" ;;
            esac

            """);
        File.SetUnixFileMode(node, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>Runs a command. Returns "" if status and output are the document's, otherwise the difference.</summary>
    public async Task<string> Compare(DocumentCommand command)
    {
        var input = Path.Combine(_root, "input");
        await File.WriteAllTextAsync(input, command.Input);
        var script = command.Input.Length > 0 ? $"{command.Text} < '{input}'" : command.Text;
        using var around = Around.TryGetValue(command.Text, out var begin) ? begin(_directory) : null;
        var (output, _, status) = await BuiltProgram.Shell($"exec 2>&1\n{script}", _directory, _programs);
        List<string> printed = [.. Stable(command, output.Replace(_directory, ShownDirectory).Split('\n'))];
        while (printed is [.., ""]) printed.RemoveAt(printed.Count - 1);
        var isAsShown = command.Output is not { } shown
            || DocumentCommand.IsAsShown([.. Stable(command, shown)], printed);
        return isAsShown && status == command.Status
            ? ""
            : $"{command.Document}:{command.Line}: {command.Text}\nstatus {status}, printed:\n{output}";
    }

    // Replaces values that differ from run to run: times, ids, processes, compressed sizes, speeds.
    private static IEnumerable<string> Stable(DocumentCommand command, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var stable = Time().Replace(LogId().Replace(line, "ID"), "TIME");
            stable = Holder().Replace(stable, "process N on HOST");
            if (command.Text.StartsWith("akkawal bench ", StringComparison.Ordinal))
                stable = Number().Replace(Blanks().Replace(stable, " "), "N");
            if (CompressedSize().IsMatch(stable)) stable = CompressedSize().Replace(stable, "$1 SIZE");
            yield return TruncatedSize().Replace(stable, "SIZE;");
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|\d{8}T\d{6}Z")]
    private static partial Regex Time();

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex LogId();

    [GeneratedRegex(@"process \d+ on \S+(?=;)")]
    private static partial Regex Holder();

    [GeneratedRegex(" +")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"\b\d+\b")]
    private static partial Regex Number();

    [GeneratedRegex(@"^(\d+\.log +\d+ +\d+) +\d+(?= )")]
    private static partial Regex CompressedSize();

    [GeneratedRegex(@"[\d.]+ KiB;")]
    private static partial Regex TruncatedSize();
}
