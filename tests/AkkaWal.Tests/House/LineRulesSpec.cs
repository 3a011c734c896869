namespace AkkaWal.Tests.House;

/// <summary>Lines of code fit a screen. <see cref="DocumentsSpec"/> holds documents to the same limit.</summary>
public sealed class LineRulesSpec
{
    /// <summary>The folders that are held to the limit. The list may only become longer.</summary>
    public static TheoryData<string> Folders() =>
    [
        "src/AkkaWal.Storage",
        "src/AkkaWal.Hosting",
        "src/AkkaWal.Node/Bridge",
        "src/AkkaWal.Node/Data",
        "src/AkkaWal.Node/Input",
        "src/AkkaWal.Node/Kafka",
        "src/AkkaWal.Node/Output",
        "src/AkkaWal.Node/Translation",
        "src/AkkaWal.TestKit",
        "tests/AkkaWal.TestKit.Tests",
    ];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Lines_of_code_should_fit_a_screen(string folder)
    {
        var sources = SourceText.Below(folder).ToList();
        Assert.NotEmpty(sources);
        Assert.Empty(
            from source in sources
            from offence in LineRules.Offences($"{folder}/{source.Path}", source.Text.Split('\n'))
            select offence);
    }

    [Fact]
    public void Line_that_is_too_long_should_be_found()
    {
        var (fits, tooLong) = (new string('x', LineRules.MaxColumns), new string('x', LineRules.MaxColumns + 1));
        Assert.Equal(["A.cs:2: 121 columns"], LineRules.Offences("A.cs", [fits, tooLong, fits + "\r"]));
    }
}
