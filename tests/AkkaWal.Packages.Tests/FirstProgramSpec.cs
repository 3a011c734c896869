using System.Diagnostics;
using System.Text.RegularExpressions;
using AkkaWal.Tests.House;

namespace AkkaWal.Packages.Tests;

/// <summary>
/// The first program of docs/EMBEDDING.md, made as the document says: its commands are run in their order, and its
/// files are written where they stand between them.
/// </summary>
[Collection(DotNet.Collection)]
public sealed partial class FirstProgramSpec : IDisposable
{
    private const string Section = "## A first program\n", Pack = "dotnet pack -c Release -o packages";

    private readonly string _root = Directory.CreateTempSubdirectory("akkawal-first-").FullName;
    private readonly string _checkout, _home;

    public FirstProgramSpec(PackageFeed feed)
    {
        _checkout = Directory.CreateDirectory(Path.Combine(_root, "checkout")).FullName;
        _home = Directory.CreateDirectory(Path.Combine(_root, "home")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(_checkout, "packages"), feed.Folder);
        // The machine's own sources of packages stay in use.
        var config = Path.Combine(".nuget", "NuGet", "NuGet.Config");
        var given = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), config);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_home, config))!);
        if (File.Exists(given)) File.Copy(given, Path.Combine(_home, config));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task First_program_should_be_made_by_the_steps_of_the_document()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "docs", "EMBEDDING.md"));
        var printed = "";
        var steps = Block().Matches(page.Split(Section)[1].Split("\n## ")[0]);
        Assert.NotEmpty(steps);
        foreach (Match step in steps)
        {
            var text = step.Groups["text"].Value;
            if (step.Groups["language"].Value == "sh") printed = await Run(text);
            else await File.WriteAllTextAsync(
                Path.Combine(_root, "shop", FileName().Match(text).Groups["name"].Value), text);
        }
        Assert.Contains("recorded at offset 0", printed, StringComparison.Ordinal);

        var again = await Run("cd ../shop && dotnet run --no-build");
        Assert.Contains("recorded at offset 1", again, StringComparison.Ordinal);
        Assert.Matches("(?s)0: an apple at .* 1: an apple at ", again);
    }

    // The packages are packed already.
    private Task<string> Run(string commands)
    {
        var script = commands.Replace(Pack, "true", StringComparison.Ordinal);
        var start = new ProcessStartInfo("bash", ["-e", "-c", script]) { WorkingDirectory = _checkout };
        start.Environment["HOME"] = _home;
        start.Environment["NUGET_PACKAGES"] = Path.Combine(_root, "cache");
        start.Environment["NUGET_FALLBACK_PACKAGES"] = DotNet.NuGetFolder;
        return DotNet.RunAsync(start);
    }

    [GeneratedRegex(@"^```(?<language>sh|csharp)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^// (?<name>\w+\.cs)\n")]
    private static partial Regex FileName();
}
