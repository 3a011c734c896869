using AkkaWal.Node.CommandLine;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.CommandLine.Processes;

/// <summary>
/// Ctrl-C in the middle of each verb that may take long, sent to the built program: it ends with status 130 and one
/// line, and nothing is harmed. Specs of append and tail --follow are in <see cref="VerbProcessSpec"/>.
/// </summary>
public sealed class InterruptSpec : VerbSpec
{
    // A signal that comes after the end is sent again to a run on a log of twice the size.
    private const int MaxRuns = 6;

    private const string AlwaysLate = "each run had ended before the signal came";

    private const int RecordBytes = 100, RecordsPerCommit = 1000;

    // Reading is fast: few segments, of together 60 MB at first. Each file that is written is synced: many small ones.
    private static readonly (int Records, long SegmentBytes) Large = (500_000, 8 << 20), Many = (20_000, 20_000);

    // One sealed segment, of which a verb needs a second or so.
    private static readonly (int Records, long SegmentBytes) Huge = (700_000, 64 << 20);

    private string Copy => Path.Combine(Root, "copy");

    private string Archive => Path.Combine(Root, "cold");

    [Theory]
    [InlineData("verify", "the log was not verified to its end")]
    [InlineData("repair", "0 repairs made, and nothing else was changed", "--yes")]
    public async Task Verb_that_reads_should_end_and_change_nothing(string verb, string told, params string[] options)
    {
        var records = await Interrupt(Large, [verb, Log, .. options], told, () => new Seen(Log, "*.log", isRead: true));
        RequireWhole(records);
    }

    [Fact]
    public async Task Dump_should_end_behind_a_whole_line()
    {
        for (var run = 0; run < MaxRuns; run++)
        {
            Fill(Large.Records << run, Large.SegmentBytes);
            using var dump = new StartedVerb("dump", Log);
            Assert.StartsWith("0\t", await dump.NextLine(), StringComparison.Ordinal);
            // It waits for the reader of its output now.
            await dump.Send("INT");
            var (status, output, error) = await dump.Ended();
            if (status == 0) continue;
            Assert.Equal(130, status);
            Assert.Matches("^akkawal: interrupted: [0-9]+ records printed, the last one of offset [0-9]+\n$", error);
            Assert.EndsWith("\n", output, StringComparison.Ordinal);
            return;
        }
        Assert.Fail(AlwaysLate);
    }

    [Fact]
    public async Task Compress_should_leave_each_segment_compressed_or_as_it_was()
    {
        var records = await Interrupt(
            Many, ["compress", Log, "--all"],
            "[0-9]+ of [0-9]+ segments tried, [0-9]+ compressed; the others are as before",
            () => new Seen(Log, "*.logz"));
        RequireWhole(records);
        Assert.Contains("sealed", States());
    }

    [Fact]
    public async Task Archive_should_leave_each_segment_archived_or_as_it_was()
    {
        var records = await Interrupt(
            Many, ["archive", Log, "--all", "--to", Archive],
            "[0-9]+ of [0-9]+ segments tried, [0-9]+ archived; the others are as before",
            () => new Seen(Root, "cold"));
        RequireWhole(records, "--archive", Archive);
        Assert.Contains("sealed", States());
    }

    [Theory]
    [InlineData("compressed", "compress")]
    [InlineData("archived", "archive", "--to")]
    public async Task Large_segment_should_be_left_as_it_was(string done, string verb, params string[] options)
    {
        string[] arguments = [verb, Log, "00000000.log", .. options, .. options.Select(_ => Archive)];
        var records = await Interrupt(
            Huge, arguments, $"0 of 1 segment tried, 0 {done}; the others are as before",
            () => verb == "compress" ? new Seen(Log, "*.logz*") : new Seen(Root, "cold"));
        RequireWhole(records);
        Assert.Equal(["sealed", "active"], States());
        Assert.Empty(Directory.EnumerateFiles(Log, "*.logz*"));
        Assert.Empty(Directory.EnumerateFiles(Root, "*.tmp", SearchOption.AllDirectories));
    }

    // Segments are deleted all or none.
    [Fact]
    public async Task Truncate_should_finish_what_it_has_begun()
    {
        Fill(Many.Records, Many.SegmentBytes);
        using var begun = new Seen(Log, "*.log", isDeleted: true);
        using var truncate = new StartedVerb("truncate", Log, "--before", $"{Many.Records}");
        var ended = truncate.Ended();
        await Task.WhenAny(begun.Once, ended).WaitAsync(BuiltProgram.Patience);
        await truncate.Send("INT");
        var (status, output, error) = await ended;
        Assert.Equal((0, ""), (status, error));
        Assert.Contains(" segments deleted, ", output, StringComparison.Ordinal);
        Assert.Equal(["active"], States());
    }

    [Fact]
    public void Truncate_that_is_interrupted_before_it_begins_should_delete_nothing()
    {
        Fill(Many.Records, Many.SegmentBytes);
        var outcome = Run("", ["truncate", Log, "--before", $"{Many.Records}"], (input, output, error) =>
            new OperatorConsole(input, output, error) { Stopping = new CancellationToken(canceled: true) });
        outcome.RequireError(130, "interrupted: nothing was changed");
        RequireWhole(Many.Records);
    }

    [Fact]
    public async Task Backup_should_leave_no_copy()
    {
        var records = await Interrupt(
            Many, ["backup", Log, Copy], $"{Copy} is as it was", () => new Seen(Root, "copy*"));
        Assert.Equal([Log], Directory.GetFileSystemEntries(Root));
        RequireWhole(records);
    }

    [Fact]
    public async Task Restore_should_leave_no_log()
    {
        var records = await Interrupt(
            Many, ["restore", Log, Copy], $"{Copy} is as it was", () => new Seen(Root, "copy*"));
        Assert.Equal([Log], Directory.GetFileSystemEntries(Root));
        RequireWhole(records);
    }

    [Fact]
    public async Task Bench_should_remove_its_folder()
    {
        await Interrupt(
            (1, 40), ["bench", Root, "--seconds", "60"],
            "0 of 3 measurements were made; the temporary folder is removed", () => new Seen(Root, "akkawal-bench-*"));
        Assert.Equal([Log], Directory.GetFileSystemEntries(Root));
    }

    private async Task<int> Interrupt(
        (int Records, long SegmentBytes) first, string[] arguments, string told, Func<Seen> watch)
    {
        for (var run = 0; run < MaxRuns; run++)
        {
            foreach (var directory in Directory.GetDirectories(Root)) Directory.Delete(directory, true);
            Fill(first.Records << run, first.SegmentBytes);
            using var begun = watch();
            using var verb = new StartedVerb(arguments);
            var ended = verb.Ended();
            await Task.WhenAny(begun.Once, ended).WaitAsync(BuiltProgram.Patience);
            await verb.Send("INT");
            var (status, output, error) = await ended;
            if (status == 0) continue;
            Assert.Equal((130, ""), (status, output));
            Assert.Matches($"^akkawal: interrupted: {told}\n$", error);
            return first.Records << run;
        }
        Assert.Fail(AlwaysLate);
        return 0;
    }

    private void Fill(int records, long segmentBytes)
    {
        var options = new WalOptions { MaxSegmentBytes = segmentBytes, Flush = FlushPolicy.OsCache };
        using var log = SegmentedLog.Open(Log, options);
        var payload = new byte[RecordBytes];
        Array.Fill(payload, (byte)'x');
        while (log.NextOffset < records)
        {
            log.Append(payload);
            if (log.NextOffset % RecordsPerCommit == 0) log.Commit();
        }
        log.Close();
    }

    private void RequireWhole(int records, params string[] options) => Assert.Contains(
        $", {records} whole records\n", Run(["verify", Log, .. options]).RequireFine().Output,
        StringComparison.Ordinal);

    private IEnumerable<string?> States() => Run("inspect", Log, "--json").RequireFine().Json.GetProperty("segments")
        .EnumerateArray().Select(segment => segment.GetProperty("state").GetString());

    /// <summary>Waits until a name appears in a directory, or a file in it is read or deleted.</summary>
    private sealed class Seen : IDisposable
    {
        private readonly TaskCompletionSource _once = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly FileSystemWatcher _watcher;

        public Seen(string directory, string names, bool isRead = false, bool isDeleted = false)
        {
            _watcher = new FileSystemWatcher(directory, names);
            if (isRead)
            {
                _watcher.NotifyFilter = NotifyFilters.LastAccess;
                _watcher.Changed += (_, _) => _once.TrySetResult();
            }
            else if (isDeleted) _watcher.Deleted += (_, _) => _once.TrySetResult();
            else
            {
                _watcher.Created += (_, _) => _once.TrySetResult();
                _watcher.Renamed += (_, _) => _once.TrySetResult();
            }
            _watcher.EnableRaisingEvents = true;
        }

        public Task Once => _once.Task;

        public void Dispose() => _watcher.Dispose();
    }
}
