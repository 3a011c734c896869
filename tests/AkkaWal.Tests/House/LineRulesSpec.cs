using AkkaWal.Tests.House.Rules;

namespace AkkaWal.Tests.House;

/// <summary>Lines of code fit a screen. <see cref="DocumentsSpec"/> holds documents to the same limit.</summary>
public sealed class LineRulesSpec
{
    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
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
