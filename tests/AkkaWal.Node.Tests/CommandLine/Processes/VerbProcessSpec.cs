using AkkaWal.Node.Tests.EndToEnd;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.CommandLine.Processes;

/// <summary>Verbs of the built program, over real pipes and with real signals.</summary>
public sealed class VerbProcessSpec : VerbSpec
{
    [Fact]
    public async Task Pipe_that_is_closed_early_should_end_it_silently()
    {
        using (var log = SegmentedLog.Open(Log))
        {
            // More than fits into a pipe and the program's buffer.
            for (var count = 0; count < 3000; count++) log.Append(new byte[1000]);
            log.Close();
        }
        var (output, error, status) = await BuiltProgram.Shell(
            $"{{ '{Program}' dump '{Log}' --format hex; echo $? >&2; }} | head -n 1");
        Assert.Equal(("offset 0, 1000 bytes\n", "141\n", 0), (output, error, status));
    }

    [Fact]
    public async Task Full_disk_behind_the_output_should_be_an_error()
    {
        Fill(1);
        var (_, error, status) = await BuiltProgram.Shell($"exec '{Program}' dump '{Log}' > /dev/full");
        Assert.Equal((1, "akkawal: standard output can't be written: No space left on device\n"), (status, error));
    }

    [Fact]
    public async Task Full_disk_behind_the_output_should_not_hide_what_was_appended()
    {
        Fill(1);
        var (_, error, status) = await BuiltProgram.Shell($"echo a | '{Program}' append '{Log}' > /dev/full");
        Assert.Equal(
            (1, "akkawal: standard output can't be written: No space left on device; 1 record appended, "
                + "offsets 1 to 1, and nothing of the input behind them\n"),
            (status, error));
    }

    [Fact]
    public async Task Input_that_can_not_be_read_should_be_an_error_as_any_other()
    {
        Fill(1);
        var (output, error, status) = await BuiltProgram.Shell($"exec '{Program}' append '{Log}' --json < '{Root}'");
        const string Told = "standard input can't be read: Is a directory; no record was appended";
        Assert.Equal((1, $"akkawal: {Told}\n"), (status, error));
        Assert.Equal($$"""{"error":"{{Told}}","hint":"","status":1}""" + "\n", output);
    }

    [Theory]
    [InlineData("TERM=xterm", true)]
    [InlineData("TERM=xterm COLUMNS=20", false)]
    [InlineData("TERM=dumb", false)]
    [InlineData("TERM=", false)]
    [InlineData("TERM=xterm NO_COLOR=1", false)]
    public async Task Terminal_should_get_bars_where_it_can_show_them(string environment, bool isShown)
    {
        Fill(5);
        var (output, _, _) = await BuiltProgram.Shell(
            $"script -qec \"env {environment} '{Program}' inspect '{Log}'\" /dev/null");
        Assert.Contains("00000004.log", output, StringComparison.Ordinal);
        Assert.Equal(isShown, output.Contains('█', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task Signal_should_end_an_append_with_what_was_done_and_a_status(string signal, int expected)
    {
        Fill(1);
        using var follow = new StartedVerb("tail", Log, "-f", "-n", "1", "--format", "json");
        Assert.Equal("""{"offset":0,"bytes":10,"text":"record-000"}""", await follow.NextLine());
        using var append = new StartedVerb("append", Log);
        await append.Process.StandardInput.WriteAsync("a\n");
        await append.Process.StandardInput.FlushAsync();
        Assert.Equal("""{"offset":1,"bytes":1,"text":"a"}""", await follow.NextLine());

        Assert.Equal(expected, await append.End(signal));
        Assert.Equal(
            "akkawal: interrupted: 1 record appended, offsets 1 to 1, and nothing of the input behind them\n",
            await append.Process.StandardError.ReadToEndAsync());

        Assert.Equal(expected, await follow.End(signal));
        Assert.Equal("no fault: 1 segment, 2 whole records\n", Run("verify", Log).RequireFine().Output);
    }

    // StartSpec makes the same check for a node and finds none of them.
    [Fact]
    public async Task Verb_should_load_the_packages_that_a_node_does_not()
    {
        Fill(1);
        using var follow = new StartedVerb("tail", Log, "-f", "-n", "1");
        Assert.Equal("0\trecord-000", await follow.NextLine());
        var mapped = await File.ReadAllTextAsync($"/proc/{follow.Process.Id}/maps");
        Assert.Contains("/System.CommandLine.dll", mapped, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_verb_should_be_the_node()
    {
        var (output, error, status) = await BuiltProgram.Shell(
            $"echo '{NodeRunner.Init}' | TMPDIR='{Root}' '{Program}' node");
        Assert.Contains("\"init_ok\"", output, StringComparison.Ordinal);
        Assert.Equal(0, status);
        Assert.Contains("no data directory was given", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_should_tell_of_all_verbs_and_of_one()
    {
        var (all, _, status) = await BuiltProgram.Shell($"exec '{Program}' help");
        Assert.Equal((0, true), (status, all.StartsWith("AkkaWal.Node: a segmented", StringComparison.Ordinal)));
        foreach (var other in (string[])["help node", "help help", "node --help"])
            Assert.Equal(all, (await BuiltProgram.Shell($"exec '{Program}' {other}")).Output);
        var (one, _, _) = await BuiltProgram.Shell($"exec '{Program}' help verify");
        Assert.Contains("akkawal verify <DIR>", one, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_verb_should_be_refused_on_standard_error_alone() => Assert.Equal(
        ("", "akkawal: there is no verb vrify, but verify; verify --help tells of it\n", 2),
        await BuiltProgram.Shell($"exec '{Program}' vrify '{Log}'"));

    private static string Program => BuiltProgram.Path;
}
