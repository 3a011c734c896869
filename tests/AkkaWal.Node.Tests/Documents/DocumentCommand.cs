using System.Text.RegularExpressions;

namespace AkkaWal.Node.Tests.Documents;

/// <summary>A command in a document, and the output that the document shows for it.</summary>
/// <param name="Document">The document's path in the repository.</param>
/// <param name="Line">The number of the command's line.</param>
/// <param name="Text">The command, as a shell reads it.</param>
/// <param name="Input">Lines of standard input that the document shows; empty where it shows none.</param>
/// <param name="Output">The lines that it prints; null where the document shows none of them.</param>
/// <param name="Status">The exit status: that of a comment <c># status N</c> behind the command, else 0.</param>
internal sealed partial record DocumentCommand(
    string Document, int Line, string Text, string Input, IReadOnlyList<string>? Output, int Status)
{
    private const string Fence = "```", Prompt = "$ ", ClientsLine = "{\"src\": \"c";

    /// <summary>
    /// The commands of a document: each line of a block <c>sh</c>, and what follows <c>$</c> in a block without a
    /// language, with its output below it. An empty line in front of the next command belongs to none.
    /// </summary>
    public static IEnumerable<DocumentCommand> In(string document, IReadOnlyList<string> lines)
    {
        string? language = null;
        for (var at = 0; at < lines.Count; at++)
        {
            if (lines[at].StartsWith(Fence, StringComparison.Ordinal))
                language = language is null ? lines[at][Fence.Length..] : null;
            else if (language == "sh" || (language == "" && lines[at].StartsWith(Prompt, StringComparison.Ordinal)))
            {
                var line = at + 1;
                var text = language == "sh" ? lines[at] : lines[at][Prompt.Length..];
                while (text.EndsWith('\\')) text = text[..^1] + lines[++at].TrimStart();
                List<string> shown = [];
                while (language == "" && !IsEnd(lines[at + 1])) shown.Add(lines[++at]);
                if (text.Length > 0) yield return Of(document, line, text, shown, language == "");
            }
        }
    }

    /// <summary>Whether the output is the document's; "..." in a line matches any text.</summary>
    public static bool IsAsShown(IReadOnlyList<string> shown, IReadOnlyList<string> printed) =>
        shown.Count == printed.Count && shown.Zip(printed).All(static pair => Regex.IsMatch(
            pair.Second, $"^{Regex.Escape(pair.First).Replace("\\.\\.\\.", ".*", StringComparison.Ordinal)}$"));

    private static DocumentCommand Of(string document, int line, string text, List<string> shown, bool showsOutput)
    {
        while (shown is [.., ""]) shown.RemoveAt(shown.Count - 1);
        var input = shown.Where(one => one.StartsWith(ClientsLine, StringComparison.Ordinal)).ToList();
        var status = StatusComment().Match(text) is { Success: true } found ? int.Parse(found.Groups[1].Value) : 0;
        return new DocumentCommand(
            document, line, StatusComment().Replace(text, ""), string.Concat(input.Select(one => one + "\n")),
            showsOutput ? [.. shown.Except(input)] : null, status);
    }

    private static bool IsEnd(string line) =>
        line.StartsWith(Fence, StringComparison.Ordinal) || line.StartsWith(Prompt, StringComparison.Ordinal);

    [GeneratedRegex(@" +# status (\d+)$")]
    private static partial Regex StatusComment();
}
