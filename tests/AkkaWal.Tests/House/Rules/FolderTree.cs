using System.Text.RegularExpressions;

namespace AkkaWal.Tests.House.Rules;

/// <summary>
/// The trees of folders in docs/ARCHITECTURE.md. A project's tree has a line for each folder with C# files, with the
/// number of those files.
/// </summary>
internal static partial class FolderTree
{
    /// <summary>The name of a project's root folder in its tree.</summary>
    internal const string Root = "(root)";

    /// <summary>The document with the right numbers.</summary>
    /// <param name="document">The document's text.</param>
    /// <param name="filesOf">The files of a project, by its name.</param>
    internal static string Counted(string document, Func<string, IEnumerable<SourceText>> filesOf)
    {
        var counts = new Dictionary<string, int>();
        var lines = document.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (Project().Match(lines[i]) is { Success: true } project)
                counts = CountsOf(filesOf(project.Groups["name"].Value));
            else if (lines[i].Length == 0) counts.Clear();
            else if (Folder().Match(lines[i]) is { Success: true } folder && counts.Count > 0)
                lines[i] = Line(folder, counts.GetValueOrDefault(folder.Groups["name"].Value));
        }
        return string.Join('\n', lines);
    }

    /// <summary>The folders that are in a tree and have no files, and those that are not in a tree.</summary>
    internal static IEnumerable<string> Offences(string document, Func<string, IEnumerable<SourceText>> filesOf)
    {
        foreach (var tree in document.Split("\n\n").Where(part => Project().IsMatch(part)))
        {
            var project = Project().Match(tree).Groups["name"].Value;
            var listed = Folder().Matches(tree).Select(folder => folder.Groups["name"].Value).ToList();
            var there = CountsOf(filesOf(project)).Keys;
            foreach (var folder in there.Except(listed)) yield return $"src/{project}: {folder} is not in the tree";
            foreach (var folder in listed.Except(there)) yield return $"src/{project}: {folder} has no files";
        }
    }

    private static Dictionary<string, int> CountsOf(IEnumerable<SourceText> files) => files
        .GroupBy(file => file.Folder.Length == 0 ? Root : file.Folder + "/")
        .ToDictionary(folder => folder.Key, folder => folder.Count());

    private static string Line(Match folder, int count) =>
        $"      {folder.Groups["name"].Value,-23} {count,2}  {folder.Groups["text"].Value}";

    [GeneratedRegex(@"^    src/(?<name>\S+)/$", RegexOptions.Multiline)]
    private static partial Regex Project();

    [GeneratedRegex(@"^      (?<name>[A-Z]\S*/|\(root\)) +\d+  (?<text>.*)$", RegexOptions.Multiline)]
    private static partial Regex Folder();
}
