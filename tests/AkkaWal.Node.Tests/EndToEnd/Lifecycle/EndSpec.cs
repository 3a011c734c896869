using System.Diagnostics;

namespace AkkaWal.Node.Tests.EndToEnd.Lifecycle;

/// <summary>How the process ends.</summary>
public class EndSpec : NodeSpec
{
    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Signal_should_end_it_with_everything_read_answered_and_kept(string signal)
    {
        using var node = new NodeRunner(Temporary, "--data-dir", Data, "--flush", "os-cache");
        node.Send(NodeRunner.Init, Append(2, "a"), Append(3, "b"));
        for (var count = 0; count < 3; count++) await node.ReadLine();
        node.Signal(signal);
        var (notes, status) = await node.End();
        Assert.Equal((0, ""), (status, notes));
        Assert.Null(await node.Output.ReadLineAsync());

        var (lines, _, _) = await NodeRunner.Run(Temporary, Lines(NodeRunner.Init, Read(2, 1)), "--data-dir", Data);
        Assert.Equal("b", Body(lines[1]).GetProperty("payload").GetString());
    }

    [Fact]
    public async Task Empty_input_should_end_it_well()
    {
        var (lines, notes, status) = await NodeRunner.Run(Temporary, []);
        Assert.Empty(lines);
        Assert.Equal((0, ""), (status, notes));
    }

    [Theory]
    [InlineData("akka { loglevel = DEBUG, stdout-loglevel = DEBUG }")]
    [InlineData("akka.loglevel = DEBUG")]
    public async Task Log_lines_of_every_level_should_leave_standard_output_to_the_replies(string text)
    {
        var config = Path.Combine(Temporary, "debug.conf");
        await File.WriteAllTextAsync(config, $"{text}\nakka-wal.node.request-timeout = 60 s");
        var (lines, notes, status) = await NodeRunner.Run(
            Temporary, Lines(NodeRunner.Init, Append(2, "a")), "--config", config);
        Assert.Equal(["init_ok", "wal_append_ok"], lines.Select(line => Body(line).GetProperty("type").GetString()));
        Assert.Contains("[DEBUG]", notes, StringComparison.Ordinal);
        Assert.Equal(0, status);
    }

    [Fact]
    public async Task Log_that_can_not_be_opened_should_end_it_with_a_status_and_the_reason()
    {
        await NodeRunner.Run(Temporary, Lines(NodeRunner.Init, Append(2, "x")), "--data-dir", Data);
        var manifest = Path.Combine(Data, "n1", "MANIFEST");
        await File.WriteAllTextAsync(manifest, "nonsense");
        var (lines, notes, status) = await NodeRunner.Run(Temporary, Lines(NodeRunner.Init), "--data-dir", Data);
        Assert.Single(lines);
        Assert.Equal(1, status);
        Assert.Contains("the log could not be used", notes, StringComparison.Ordinal);
        Assert.Contains(manifest, notes, StringComparison.Ordinal);
        Assert.DoesNotContain("sync failed", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Window_of_one_request_should_end_well_with_a_log_and_keys()
    {
        var config = Path.Combine(Temporary, "narrow.conf");
        await File.WriteAllTextAsync(config, "akka-wal.node.window-requests = 1");
        var send = Request("send", 3, """, "key": "k", "msg": 1""");
        var (lines, notes, status) = await NodeRunner.Run(
            Temporary, Lines(NodeRunner.Init, Append(2, "a"), send), "--data-dir", Data, "--config", config);
        Assert.Equal(
            ["init_ok", "wal_append_ok", "send_ok"], lines.Select(line => Body(line).GetProperty("type").GetString()));
        Assert.Equal((0, ""), (status, notes));
    }

    [Fact]
    public async Task Last_line_should_count_without_a_line_feed()
    {
        var (lines, _, _) = await NodeRunner.Run(Temporary, System.Text.Encoding.UTF8.GetBytes(NodeRunner.Init));
        Assert.Single(lines);
    }

    [Fact]
    public async Task Closed_standard_output_should_end_it_with_a_status()
    {
        using var node = new NodeRunner(Temporary);
        node.Output.Close();
        node.Send(NodeRunner.Init);
        var (notes, status) = await node.End();
        Assert.Equal(1, status);
        Assert.Contains("standard output", notes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<&-")]
    [InlineData(">&- </dev/null")]
    [InlineData("<&- >&- 2>&-")]
    public async Task Descriptors_that_are_closed_from_the_start_should_be_left_alone(string redirections)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "AkkaWal.Node");
        using var shell = Process.Start("/bin/sh", ["-c", $"TMPDIR='{Temporary}' exec '{program}' {redirections}"]);
        await shell.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(redirections.Contains("</dev/null", StringComparison.Ordinal) ? 0 : 1, shell.ExitCode);
    }

    [Fact]
    public async Task Private_folder_should_be_gone_after_a_clean_end()
    {
        var (_, notes, _) = await NodeRunner.Run(Temporary, Lines(NodeRunner.Init, Append(2, "x")));
        Assert.Contains(Temporary, notes, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Temporary));
    }

    [Fact]
    public async Task What_a_killed_process_left_should_be_swept_by_the_next_one()
    {
        string leftover;
        using (var killed = new NodeRunner(Temporary))
        {
            killed.Send(NodeRunner.Init, Append(2, "x"));
            await killed.ReadLine();
            await killed.ReadLine();
            leftover = Assert.Single(Directory.GetDirectories(Temporary));
            killed.Signal("KILL");
            await killed.End();
        }

        var swept = new TaskCompletionSource();
        using var watcher = new FileSystemWatcher(Temporary);
        watcher.Deleted += (_, change) =>
        {
            if (change.FullPath == leftover) swept.TrySetResult();
        };
        watcher.EnableRaisingEvents = true;
        Assert.True(Directory.Exists(leftover));
        using var next = new NodeRunner(Temporary);
        next.Send(NodeRunner.Init);
        await next.ReadLine();
        await swept.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("--nope")]
    [InlineData("--flush", "maybe")]
    [InlineData("--config", "/nowhere/x.conf")]
    public async Task Wrong_usage_should_be_said_on_standard_error_alone(params string[] arguments)
    {
        using var node = new NodeRunner(Temporary, arguments);
        var (notes, status) = await node.End();
        Assert.Equal(2, status);
        Assert.Contains(arguments[^1], notes, StringComparison.Ordinal);
        Assert.Equal("", await node.Output.ReadToEndAsync());
    }

    [Theory]
    [InlineData("--help", "--data-dir DIR")]
    [InlineData("--version", "AkkaWal.Node 0.")]
    public async Task Help_and_version_should_be_printed(string flag, string expected)
    {
        using var node = new NodeRunner(Temporary, flag);
        var text = await node.Output.ReadToEndAsync();
        var (notes, status) = await node.End();
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.Equal((0, ""), (status, notes));
    }
}
