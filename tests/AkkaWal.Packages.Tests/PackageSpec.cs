using System.Diagnostics;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using AkkaWal.Tests.House;

namespace AkkaWal.Packages.Tests;

/// <summary>What is packed, and a new program that has nothing else.</summary>
[Collection(DotNet.Collection)]
public sealed class PackageSpec(PackageFeed feed) : IDisposable
{
    private const string ToolFolder = "tools/net10.0/any/";

    // The kind of debug information that holds a source file, by the format of portable symbols.
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    private readonly string _directory = Directory.CreateTempSubdirectory("akkawal-packages-").FullName;

    private string Feed => feed.Folder;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Packages_should_say_what_they_are_and_work_in_a_program_of_their_own()
    {
        var version = PackageFeed.Libraries.Select(VersionOfChecked).Distinct().Single();
        var tool = Open("AkkaWal.Node", out var nuspec);
        using (tool)
        {
            Assert.Contains("<packageType name=\"DotnetTool\" />", nuspec.ToString(), StringComparison.Ordinal);
            Assert.Contains(
                tool.Entries, entry => entry.FullName.EndsWith("DotnetToolSettings.xml", StringComparison.Ordinal));
            RequireDescribed(tool, nuspec);
            RequireSymbols("AkkaWal.Node", $"{ToolFolder}AkkaWal.Node.dll", tool);
        }
        Assert.Contains("akkawal verify <DIR>", await RunTool(version), StringComparison.Ordinal);

        string[] expected =
        [
            "client: one apple; expected 0 again: Precondition",
            "streams: one apple, two pears",
            "subscription: from offset 0",
            "remote: two pears",
            "cluster: three plums",
            "testkit: four figs",
            "telemetry: 2 records",
            "follow: two bills, three bills",
            "traces: 3 appends",
            "appsettings: 3 segments",
            "key: next offset 3",
            "hocon: Invalid, 0 records",
            "health: bills Healthy, audit Healthy",
            "misspelt: Wal:Misspelt does not describe a log",
        ];
        Assert.Equal(expected, (await RunShop(version)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    // Installed as docs/COMMANDS.md says.
    private async Task<string> RunTool(string version)
    {
        var place = Path.Combine(_directory, "tools");
        await DotNet.RunAsync(
            _directory, "tool", "install", "AkkaWal.Node", "--add-source", Feed, "--tool-path", place,
            "--version", version);
        var start = new ProcessStartInfo(Path.Combine(place, "akkawal"), ["help", "verify"])
        {
            RedirectStandardOutput = true,
        };
        using var tool = Process.Start(start)!;
        var output = await tool.StandardOutput.ReadToEndAsync();
        await tool.WaitForExitAsync();
        return output;
    }

    private string VersionOfChecked(string name)
    {
        using var package = Open(name, out var nuspec);
        string[] files = [$"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml"];
        Assert.Equal(files.Order(), package.Entries.Select(entry => entry.FullName).Intersect(files).Order());
        RequireSymbols(name, files[0], package);
        RequireDescribed(package, nuspec);
        var ns = nuspec.Root!.Name.Namespace;
        var metadata = nuspec.Root.Element(ns + "metadata")!;
        var version = metadata.Element(ns + "version")!.Value;
        // They share internals: one version of all.
        var own = metadata.Descendants(ns + "dependency").Where(dependency =>
            dependency.Attribute("id")!.Value.StartsWith("AkkaWal", StringComparison.Ordinal));
        Assert.All(own, dependency => Assert.Equal($"[{version}]", dependency.Attribute("version")!.Value));
        return version;
    }

    private static void RequireDescribed(ZipArchive package, XDocument nuspec)
    {
        var ns = nuspec.Root!.Name.Namespace;
        var metadata = nuspec.Root.Element(ns + "metadata")!;
        Assert.Equal("Apache-2.0", metadata.Element(ns + "license")!.Value);
        Assert.NotEqual("", metadata.Element(ns + "description")!.Value);
        foreach (var name in (string[])["readme", "icon"])
            Assert.NotNull(package.GetEntry(metadata.Element(ns + name)!.Value));
        // Outside a checkout, as in an archive of the sources, there is no commit to name.
        if (Path.Exists(Path.Combine(Checkout.Root, ".git")))
            Assert.Matches("^[0-9a-f]{40}$", metadata.Element(ns + "repository")!.Attribute("commit")!.Value);
    }

    // A debugger finds the symbols of a program by an id that both have, and the sources in the symbols.
    private void RequireSymbols(string name, string program, ZipArchive package)
    {
        using var symbols = ZipFile.OpenRead(
            Directory.GetFiles(Feed, $"{name}.*.snupkg").Single(file => IsOf(name, file)));
        using var provider = MetadataReaderProvider.FromPortablePdbStream(
            Content(symbols, Path.ChangeExtension(program, ".pdb")));
        var reader = provider.GetMetadataReader();
        using var portable = new PEReader(Content(package, program));
        var said = portable.ReadCodeViewDebugDirectoryData(portable.ReadDebugDirectory()
            .Single(entry => entry.Type == DebugDirectoryEntryType.CodeView));
        Assert.Equal(said.Guid, new BlobContentId(reader.DebugMetadataHeader!.Id).Guid);
        Assert.NotEmpty(reader.Documents);
        Assert.Empty(
            from handle in reader.Documents
            where !reader.GetCustomDebugInformation(handle).Any(info =>
                reader.GetGuid(reader.GetCustomDebugInformation(info).Kind) == EmbeddedSource)
            select reader.GetString(reader.GetDocument(handle).Name));
    }

    private static MemoryStream Content(ZipArchive package, string name)
    {
        using var entry = package.GetEntry(name)!.Open();
        var content = new MemoryStream();
        entry.CopyTo(content);
        content.Position = 0;
        return content;
    }

    private ZipArchive Open(string name, out XDocument nuspec)
    {
        var package = ZipFile.OpenRead(Directory.GetFiles(Feed, $"{name}.*.nupkg").Single(file => IsOf(name, file)));
        using var stream = package.GetEntry($"{name}.nuspec")!.Open();
        nuspec = XDocument.Load(stream);
        return package;
    }

    // A version begins with a digit: AkkaWal.0.1.0 and not AkkaWal.Storage.0.1.0.
    private static bool IsOf(string name, string file) => char.IsDigit(Path.GetFileName(file)[name.Length + 1]);

    private async Task<string> RunShop(string version)
    {
        var shop = Path.Combine(_directory, "shop");
        Directory.CreateDirectory(shop);
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Shop")))
            File.Copy(file, Path.Combine(shop, Path.GetFileName(file).Replace(".txt", "", StringComparison.Ordinal)));
        // A cache of its own: the packages have the version of those that were tried before.
        var cache = Path.Combine(_directory, "cache");
        await DotNet.RunAsync(
            shop, "build", "-o", "out", $"-p:AkkaWalVersion={version}",
            $"-p:HostingVersion={VersionOf("Microsoft.Extensions.Hosting")}",
            $"-p:RestoreAdditionalProjectSources={Feed}",
            $"-p:RestoreFallbackFolders={DotNet.NuGetFolder}", $"-p:RestorePackagesPath={cache}");
        return await DotNet.RunAsync(shop, "out/Shop.dll", Path.Combine(_directory, "log"));
    }

    private static string VersionOf(string package) =>
        XDocument.Load(Path.Combine(Checkout.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Single(element => element.Attribute("Include")!.Value == package).Attribute("Version")!.Value;
}
