using AkkaWal.Tests.House.Rules;

namespace AkkaWal.Tests.House;

/// <summary>
/// A type has at most 400 lines and is in one file. A method has at most 70 lines. A folder has at most 10 C# files.
/// </summary>
public sealed class SizeRulesSpec
{
    // Folders that may have more files, and why.
    private static readonly Dictionary<string, string> LargeFolders = new()
    {
        ["src/AkkaWal.Storage"] = "the public API has one namespace",
        ["src/AkkaWal"] = "the public API has one namespace",
    };

    [Fact]
    public void Types_and_methods_should_be_small_and_in_one_place() => Assert.Empty(Offenders());

    [Fact]
    public void Types_and_methods_at_the_limit_should_be_small_enough()
    {
        Assert.Empty(Offences($"class A\n{{{Lines(SizeRules.MaxTypeLines - 2)}}}"));
        Assert.Empty(Offences($"class A {{\nvoid B()\n{{{Lines(SizeRules.MaxMethodLines - 2)}}} }}"));
        Assert.Empty(Offences("partial class A { [GeneratedRegex(\"a\")] private static partial Regex B(); }"));
    }

    [Fact]
    public void Planted_offences_should_be_found()
    {
        Assert.Equal([("A", "401 lines")], Offences($"class A\n{{{Lines(SizeRules.MaxTypeLines - 1)}}}"));
        Assert.Equal(
            [("A", "71 lines in void B()")],
            Offences($"class A {{\nvoid B()\n{{{Lines(SizeRules.MaxMethodLines - 1)}}} }}"));
        Assert.Equal(
            [("A", "71 lines in int B")], Offences($"class A {{\nint B\n{{{Lines(SizeRules.MaxMethodLines - 1)}}} }}"));
        Assert.Equal([("A", "partial")], Offences("partial class A { void B() { } }"));
    }

    [Fact]
    public void Folders_should_have_few_files() => Assert.Empty(
        from folder in new[] { "src", "tests" }
        from crowded in SizeRules.Crowded(SourceText.Below(folder))
        let path = $"{folder}/{crowded.Folder}"
        where !LargeFolders.ContainsKey(path)
        select $"{path}: {crowded.Why}");

    [Fact]
    public void Folder_with_too_many_files_should_be_found()
    {
        var files = Enumerable.Range(0, SizeRules.MaxFolderFiles).Select(i => new SourceText($"A/{i}.cs", "")).ToList();
        Assert.Empty(SizeRules.Crowded([.. files, new("A/B/C.cs", ""), new("D.cs", "")]));
        Assert.Equal([("A", "11 files")], SizeRules.Crowded([.. files, new("A/More.cs", "")]));
    }

    private static IEnumerable<(string Type, string Place)> Offenders() =>
        from folder in new[] { "src", "tests" }
        from source in SourceText.Below(folder)
        from offence in SizeRules.Offences(source)
        select (offence.Type, $"{folder}/{source.Path}: {offence.Why}");

    private static IEnumerable<(string Type, string Why)> Offences(string text) =>
        SizeRules.Offences(new SourceText("A.cs", text));

    private static string Lines(int count) => new('\n', count);
}
