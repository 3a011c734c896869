using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace AkkaWal.Tests.House;

/// <summary>The rules of the code base: which project may use which, and where files are accessed.</summary>
public sealed partial class HouseRulesSpec
{
    private static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["AkkaWal.Storage"] = [],
        ["AkkaWal"] = ["AkkaWal.Storage"],
        ["AkkaWal.Hosting"] = ["AkkaWal", "AkkaWal.Storage"],
        ["AkkaWal.Example"] = ["AkkaWal.Hosting"],
        ["AkkaWal.Cluster"] = ["AkkaWal.Hosting", "AkkaWal", "AkkaWal.Storage"],
        ["AkkaWal.Cluster.Example"] = ["AkkaWal.Cluster"],
        ["AkkaWal.Streams"] = ["AkkaWal"],
        ["AkkaWal.TestKit"] = ["AkkaWal", "AkkaWal.Storage"],
        ["AkkaWal.Node"] = ["AkkaWal.Hosting", "AkkaWal", "AkkaWal.Storage"],
    };

    public static TheoryData<string> Projects() => [.. MayReference.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_should_import_only_what_is_below_it(string project)
    {
        var document = XDocument.Load(Path.Combine(Checkout.Root, "src", project, project + ".csproj"));
        var references = document.Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
        Assert.Empty(references.Except(MayReference[project]));
        // A program that embeds the log gets the codecs of compressed segments, and no other package.
        if (project == "AkkaWal.Storage")
            Assert.Equal(
                ["K4os.Compression.LZ4", "ZstdSharp.Port"],
                document.Descendants("PackageReference").Select(r => r.Attribute("Include")!.Value).Order());
    }

    [Theory]
    [InlineData("AkkaWal.Storage", @"\busing (Akka\.|Akka;|System\.Text\.Json|Microsoft\.Extensions)|\bConsole\.")]
    [InlineData("AkkaWal", @"\busing (System\.Text\.Json|Microsoft\.Extensions)|\bConsole\.")]
    [InlineData("AkkaWal.Hosting", @"\busing System\.Text\.Json|\bConsole\.")]
    [InlineData("AkkaWal.Cluster", @"\busing System\.Text\.Json|\bConsole\.")]
    public void Source_should_not_see_what_is_not_its_business(string project, string forbidden) =>
        Assert.Empty(Offences(Path.Combine("src", project), line => Regex.IsMatch(line, forbidden)));

    [Fact]
    public void Files_should_be_touched_in_the_storages_io_alone() =>
        Assert.DoesNotContain(Offences("src", line => FileTypes().IsMatch(line)), offence =>
            !offence.StartsWith("src/AkkaWal.Storage/Files/", StringComparison.Ordinal)
            // Programs of users, with files of their own.
            && !offence.StartsWith("src/AkkaWal.Example/", StringComparison.Ordinal)
            && !offence.StartsWith("src/AkkaWal.Cluster.Example/", StringComparison.Ordinal));

    [Fact]
    public void Syncs_should_be_the_checked_ones() =>
        Assert.Empty(Offences("src", line => line.Contains("FlushToDisk", StringComparison.Ordinal)
            || Regex.IsMatch(line, @"\.Flush\((flushToDisk: *)?true\)")));

    [Fact]
    public void Tests_should_not_sleep() =>
        Assert.Empty(Offences("tests", line => Regex.IsMatch(line, @"Thread\.Sleep\(|Task\.Delay\(")));

    [Fact]
    public void Specs_of_actors_should_check_what_their_messages_are_serialized_with() =>
        Assert.DoesNotContain(
            Offences("tests", line => Regex.IsMatch(line, @": (Akka\.TestKit\.Xunit2\.)?TestKit\b")),
            offence => !offence.StartsWith("tests/AkkaWal.Tests/ActorSpec.cs", StringComparison.Ordinal));

    [Fact]
    public void Every_key_of_the_reference_configuration_should_be_explained()
    {
        var lines = File.ReadAllLines(Path.Combine(Checkout.Root, "hocon", "reference.conf"));
        var isExplained = false;
        var unexplained = new List<string>();
        foreach (var line in lines.Select(l => l.Trim()))
        {
            if (line.StartsWith('#')) isExplained = true;
            else if (line.Length == 0) isExplained = false;
            else if (!isExplained && line.Contains('=', StringComparison.Ordinal)) unexplained.Add(line);
        }
        Assert.Empty(unexplained);
    }

    // The types of System.IO that open, list or change files. Path only handles names.
    [GeneratedRegex(
        @"(?<![\w.])(File|Directory)\.(Exists|Delete|Create|Open|Read|Write|Move|Copy|Enumerate|Get|Set|Append|Replace)"
        + @"|\b(FileStream|FileInfo|DirectoryInfo|RandomAccess|FileStreamOptions)\b")]
    private static partial Regex FileTypes();

    private static IEnumerable<string> Offences(string folder, Func<string, bool> isOffence) =>
        from file in SourceFiles(folder)
        from line in File.ReadLines(file).Select((text, index) => (text, number: index + 1))
        where isOffence(line.text) && !line.text.TrimStart().StartsWith("//", StringComparison.Ordinal)
            && !file.EndsWith(nameof(HouseRulesSpec) + ".cs", StringComparison.Ordinal)
        select $"{Path.GetRelativePath(Checkout.Root, file)}:{line.number}: {line.text.Trim()}";

    private static IEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Checkout.Root, folder), "*.cs", SearchOption.AllDirectories);
}
