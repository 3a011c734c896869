using System.Diagnostics;

namespace AkkaWal.Node.Tests.EndToEnd.Lifecycle;

/// <summary>Configuration files that the program refuses: with one line, and nothing on standard output.</summary>
public class ConfigurationSpec : NodeSpec
{
    private string File => Path.Combine(Root, "x.conf");

    private async Task<string> Refuses(string file, string expected)
    {
        using var node = new NodeRunner(Temporary, "--config", file);
        var (notes, status) = await node.End();
        Assert.Equal(2, status);
        Assert.StartsWith($"akkawal: {expected}", notes, StringComparison.Ordinal);
        Assert.Equal(notes.Length - 1, notes.IndexOf('\n', StringComparison.Ordinal));
        Assert.Equal("", await node.Output.ReadToEndAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Temporary));
        return notes;
    }

    [Theory]
    [InlineData("akka-wal {\n  flush = always\n", ":1:10: this '{' of akka-wal is never closed")]
    [InlineData("akka-wal.flush = always\n}\n", ":2:1: this '}' closes nothing")]
    [InlineData("akka-wal.directory = \"/x\n", ":1:22: this '\"' is not closed")]
    [InlineData("akka-wal.directory = \"\"\"/x\n", ":1:22: this \"\"\" is never closed")]
    [InlineData("akka-wal.directory = ${HOME}\n", ":1:22: ${HOME} names no key")]
    [InlineData("include \"/nowhere/y.conf\"\n", ":1:1: include is not supported")]
    [InlineData("akka-wal {\r\n  max-segment-byte = 5\r\n}\r\n",
        ":2:3: akka-wal.max-segment-byte is not known; did you mean akka-wal.max-segment-bytes?")]
    [InlineData("akka-wal.max-segment-bytes = 12 quux\n", ":1:1: akka-wal.max-segment-bytes must be a size")]
    [InlineData("akka-wal.node.window-reads = lots\n", ":1:1: akka-wal.node.window-reads must be a number")]
    public async Task Broken_file_should_end_it_with_one_line_and_status_2(string text, string expected)
    {
        await System.IO.File.WriteAllTextAsync(File, text);
        await Refuses(File, File + expected);
    }

    [Theory]
    [InlineData("akka.loglevel = LOUD\n", "LOUD")]
    [InlineData("akka.actor.default-dispatcher.type = Nothing\n", "Nothing")]
    public async Task Value_that_akka_does_not_start_with_should_end_it_with_one_line_and_status_2(
        string text, string said)
    {
        await System.IO.File.WriteAllTextAsync(File, text);
        Assert.Contains(said, await Refuses(File, "Akka.NET does not start with this"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_text_should_end_it_with_one_line_and_status_2()
    {
        await System.IO.File.WriteAllBytesAsync(File, [(byte)'a', (byte)'\n', 0xFF]);
        await Refuses(File, $"{File}:2: it is no UTF-8");
        await Refuses(Root, $"{Root}: it is a directory");
        await Refuses("/dev/zero", "/dev/zero: it is longer than ");
    }

    [Fact]
    public async Task File_from_a_pipe_with_a_key_that_may_be_wrong_should_be_taken_with_a_remark()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "AkkaWal.Node");
        var command = $"printf 'akka.loglevl = DEBUG' | TMPDIR='{Temporary}' '{program}' --config /dev/stdin 2>&1";
        var start = new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true };
        using var shell = Process.Start(start)!;
        var said = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.Equal(
            "akkawal: /dev/stdin:1:1: akka.loglevl is no key of Akka.NET's own; did you mean akka.loglevel?\n", said);
        Assert.Equal(0, shell.ExitCode);
    }
}
