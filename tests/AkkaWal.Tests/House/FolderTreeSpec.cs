using AkkaWal.Tests.House.Rules;

namespace AkkaWal.Tests.House;

/// <summary>
/// The trees in docs/ARCHITECTURE.md have every folder, and the number of its files. With <c>AKKAWAL_COUNT_FILES=1</c>
/// the spec writes the numbers anew.
/// </summary>
public sealed class FolderTreeSpec
{
    private const string Small =
        "    src/App/\n      Low/    2  below all\n      (root)  7  the rest\n\n      Low/  2  no tree";

    private static readonly string Document = Path.Combine(Checkout.Root, "docs", "ARCHITECTURE.md");

    [Fact]
    public void Trees_should_have_every_folder() =>
        Assert.Empty(FolderTree.Offences(File.ReadAllText(Document), FilesOf));

    [Fact]
    public void Trees_should_have_the_number_of_files()
    {
        var text = File.ReadAllText(Document);
        var counted = FolderTree.Counted(text, FilesOf);
        if (Environment.GetEnvironmentVariable("AKKAWAL_COUNT_FILES") == "1") File.WriteAllText(Document, counted);
        else
            Assert.True(
                text == counted,
                "numbers of files in docs/ARCHITECTURE.md are old: run this spec with AKKAWAL_COUNT_FILES=1");
    }

    [Fact]
    public void Numbers_should_be_those_of_the_files() => Assert.Equal(
        "    src/App/\n"
        + "      Low/                     1  below all\n"
        + "      (root)                   2  the rest\n\n"
        + "      Low/  2  no tree",
        FolderTree.Counted(Small, _ => Files("Low/A.cs", "B.cs", "C.cs")));

    [Fact]
    public void Folder_that_is_missing_or_gone_should_be_found() => Assert.Equal(
        ["src/App: High/ is not in the tree", "src/App: Low/ has no files"],
        FolderTree.Offences(Small, _ => Files("High/A.cs", "B.cs")));

    private static IEnumerable<SourceText> FilesOf(string project) => SourceText.Below($"src/{project}");

    private static IEnumerable<SourceText> Files(params string[] paths) =>
        paths.Select(path => new SourceText(path, ""));
}
