using System.Text.RegularExpressions;
using AkkaWal.Tests.House;

namespace AkkaWal.Node.Tests.Documents;

/// <summary>Each line that a log may write for people stands in a document that says what to do about it.</summary>
public sealed partial class NotesTableSpec
{
    private static readonly string[] Projects = ["AkkaWal.Storage", "AkkaWal", "AkkaWal.Cluster"];

    private static readonly string[] Documents = ["OPERATING.md", "CLUSTER.md"];

    // Documents leave out the end of a long note.
    private const int LongestQuote = 24;

    [Fact]
    public void Every_note_should_be_told_of()
    {
        var told = string.Join(' ', Documents.SelectMany(document =>
            File.ReadLines(Path.Combine(Checkout.Root, "docs", document))));
        var notes = Projects.SelectMany(NotesOf).ToList();
        // There are fewer where the pattern finds them no more.
        Assert.InRange(notes.Count, 20, 100);
        Assert.DoesNotContain(notes, note => !told.Contains(note, StringComparison.Ordinal));
    }

    private static IEnumerable<string> NotesOf(string project) =>
        Directory.EnumerateFiles(Path.Combine(Checkout.Root, "src", project), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Call().Matches(File.ReadAllText(file)))
            .Select(call => LongestPart(call.Groups["text"].Value)).Where(part => part.Length > 0);

    // The beginning of the longest text between two values, which differ from one note to another.
    private static string LongestPart(string text)
    {
        var part = Value().Split(text).Select(part => part.Trim(' ', ':', ',', ';')).MaxBy(part => part.Length)!;
        return part[..Math.Min(part.Length, LongestQuote)];
    }

    [GeneratedRegex("""(\b_?note|\b[lL]og\.(Warning|Error|Info))\(\s*(e, )?\$?"(?<text>([^"\\]|\\.)*)["]""")]
    private static partial Regex Call();

    [GeneratedRegex(@"\{[^{}]*\}")]
    private static partial Regex Value();
}
