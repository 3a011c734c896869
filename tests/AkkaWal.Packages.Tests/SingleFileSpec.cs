using System.Diagnostics;
using AkkaWal.Tests.House;

namespace AkkaWal.Packages.Tests;

/// <summary>The node as one file, as docs/COMMANDS.md publishes it, where there is no .NET.</summary>
[Collection(DotNet.Collection)]
public sealed class SingleFileSpec : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // Nothing of them is in the file. Without them it is published in a third of the time.
    private static readonly string[] LeftOut =
        ["-p:RunAnalyzers=false", "-p:GenerateDocumentationFile=false", "-p:DebugType=none"];

    private readonly string _root = Directory.CreateTempSubdirectory("akkawal-single-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // In Debug, so that nothing is compiled to machine code ahead of time: that makes a start faster, and nothing else.
    // With artifacts of its own, so that it changes none of the files that other specs use meanwhile.
    [Fact]
    public async Task Published_file_should_answer_and_inspect_without_a_runtime_beside_it()
    {
        var published = Path.Combine(_root, "single");
        await DotNet.RunAsync(Checkout.Root,
        [
            "publish", "src/AkkaWal.Node", "-c", "Debug", "-r", "linux-x64", "--self-contained",
            "-p:PublishSingleFile=true", "-o", published, $"-p:ArtifactsPath={Path.Combine(_root, "artifacts")}",
            .. LeftOut,
        ]);
        var program = Assert.Single(Directory.GetFileSystemEntries(published));

        string samples = Path.Combine(AppContext.BaseDirectory, "samples"), data = Path.Combine(_root, "data");
        var input = await File.ReadAllTextAsync(Path.Combine(samples, "tour.jsonl"));
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(samples, "tour.out.jsonl")),
            await Run(program, input, "--data-dir", data, "--config", Path.Combine(samples, "patient.conf")));
        Assert.Contains(
            "4 records, offsets 0 to 3", await Run(program, "", "inspect", Path.Combine(data, "n1")),
            StringComparison.Ordinal);
        // What it needs it has in itself: nothing is unpacked.
        Assert.Equal(
            ["artifacts", "data", "home", "single"], Directory.GetDirectories(_root).Select(Path.GetFileName).Order());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_root, "home")));
    }

    private async Task<string> Run(string program, string input, params string[] arguments)
    {
        var home = Directory.CreateDirectory(Path.Combine(_root, "home")).FullName;
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // An empty folder as DOTNET_ROOT hides the machine's runtime, which needs no variable to be found.
        start.Environment.Clear();
        foreach (var name in (string[])["PATH", "HOME", "TMPDIR", "DOTNET_ROOT"]) start.Environment[name] = home;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', arguments)}: {process.ExitCode}\n{await error}");
        return await output;
    }
}
