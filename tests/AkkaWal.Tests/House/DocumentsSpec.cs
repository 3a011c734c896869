using System.Text.RegularExpressions;
using AkkaWal.Tests.House.Rules;

namespace AkkaWal.Tests.House;

/// <summary>Documents and configuration files: lines fit a screen, and links have a target.</summary>
public sealed partial class DocumentsSpec
{
    [Fact]
    public void Lines_should_fit_a_screen() => Assert.Empty(
        from file in Documents().Concat(Directory.EnumerateFiles(Path.Combine(Checkout.Root, "hocon")))
        from offence in LineRules.Offences(Named(file), File.ReadLines(file))
        select offence);

    [Fact]
    public void Links_between_documents_should_lead_to_files() => Assert.Empty(
        from file in Documents()
        from link in Link().Matches(File.ReadAllText(file)).Select(match => match.Groups["target"].Value)
        where !link.Contains("://", StringComparison.Ordinal)
        let target = Path.Combine(Path.GetDirectoryName(file)!, link.Split('#')[0])
        where !Path.Exists(target)
        select $"{Named(file)}: {link}");

    private static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(Checkout.Root, "*.md")
            .Concat(new[] { "docs", "src", "tests" }.SelectMany(folder =>
                Directory.EnumerateFiles(Path.Combine(Checkout.Root, folder), "*.md", SearchOption.AllDirectories)));

    private static string Named(string file) => Path.GetRelativePath(Checkout.Root, file);

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
