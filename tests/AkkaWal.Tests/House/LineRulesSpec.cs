using AkkaWal.Tests.House.Rules;

namespace AkkaWal.Tests.House;

/// <summary>
/// Lines of code, and of what builds it, fit a screen. <see cref="DocumentsSpec"/> holds documents to the same limit.
/// </summary>
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

    [Theory]
    [InlineData("*.props")]
    [InlineData("*.targets")]
    [InlineData("*.csproj")]
    [InlineData("*.go")]
    [InlineData("run")]
    public void Lines_of_what_builds_and_of_scripts_should_fit_a_screen(string names)
    {
        List<string> files =
        [
            .. Directory.EnumerateFiles(Checkout.Root, names),
            .. from folder in (string[])["src", "tests", "build", ".ci"]
               from file in Directory.EnumerateFiles(
                   Path.Combine(Checkout.Root, folder), names, SearchOption.AllDirectories)
               where !file.Contains("/obj/", StringComparison.Ordinal)
               select file,
        ];
        Assert.NotEmpty(files);
        Assert.Empty(files.SelectMany(file =>
            LineRules.Offences(Path.GetRelativePath(Checkout.Root, file), File.ReadLines(file))));
    }

    [Fact]
    public void Line_that_is_too_long_should_be_found()
    {
        var (fits, tooLong) = (new string('x', LineRules.MaxColumns), new string('x', LineRules.MaxColumns + 1));
        Assert.Equal(["A.cs:2: 121 columns"], LineRules.Offences("A.cs", [fits, tooLong, fits + "\r"]));
    }
}
