using System.Text;
using Akka.Actor;
using AkkaWal.Node.Kafka.Keys;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Tests;

namespace AkkaWal.Node.Tests.Kafka;

/// <summary>The reader of closed logs, on real files.</summary>
public sealed class ClosedLogReaderSpec : ActorSpec
{
    /// <summary>Segment sizes for so many records of one digit.</summary>
    private const long TwoRecords = 20, ThreeRecords = 30, AllRecords = 1 << 20;

    private readonly string _root = Directory.CreateTempSubdirectory("closed-reader-").FullName;
    private readonly IActorRef _reader;

    public ClosedLogReaderSpec() =>
        _reader = Sys.ActorOf(
            Props.Create<ClosedLogReader>(WalFileSystem.Default, _root, null).WithDeploy(Deploy.Local));

    protected override void AfterAll()
    {
        base.AfterAll();
        Directory.Delete(_root, true);
    }

    private SegmentedLog OpenLog(string name, long maxSegmentBytes = AllRecords) =>
        SegmentedLog.Open(Path.Combine(_root, name), new WalOptions { MaxSegmentBytes = maxSegmentBytes });

    private void Write(string name, int count, long maxSegmentBytes = AllRecords)
    {
        using var log = OpenLog(name, maxSegmentBytes);
        for (var index = 0; index < count; index++) log.Append(Encoding.UTF8.GetBytes($"{log.NextOffset}"));
    }

    private LogReply Ask(string name, long offset, int maxRecords = 100, int maxBytes = 1000)
    {
        _reader.Tell(new ReadClosed(name, offset, maxRecords, maxBytes, 5), TestActor);
        var reply = ExpectMsg<LogReply>();
        Assert.Equal(5, reply.RequestId);
        return reply;
    }

    private (long First, string Payloads, long End) Read(string name, long offset, int maxRecords = 100,
        int maxBytes = 1000)
    {
        var read = Assert.IsType<ClosedRead>(Ask(name, offset, maxRecords, maxBytes));
        return (read.FirstOffset,
            string.Join(' ', read.Payloads.Select(payload => Encoding.UTF8.GetString(payload.Span))), read.EndOffset);
    }

    [Fact]
    public void Log_that_is_not_there_should_be_empty_and_not_be_made()
    {
        Assert.Equal((7, "", 0), Read("none", 7));
        Assert.Empty(Directory.GetFileSystemEntries(_root));
    }

    [Fact]
    public void Closed_log_should_be_read_within_the_limits_and_not_be_changed()
    {
        Write("a", 8, maxSegmentBytes: ThreeRecords);
        var before = Snapshot();
        Assert.Equal((0, "0 1 2 3 4 5 6 7", 8), Read("a", 0));
        Assert.Equal((2, "2 3 4", 8), Read("a", 2, maxRecords: 3));
        Assert.Equal((2, "2 3", 8), Read("a", 2, maxBytes: 2));
        Assert.Equal((7, "7", 8), Read("a", 7));
        Assert.Equal((8, "", 8), Read("a", 8));
        Assert.Equal((80, "", 8), Read("a", 80));
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public void First_message_should_come_whatever_its_size()
    {
        using (var log = OpenLog("a")) log.Append(new byte[500]);
        Assert.Equal(500, Assert.IsType<ClosedRead>(Ask("a", 0, maxBytes: 1)).Payloads[0].Length);
    }

    [Fact]
    public void Trimmed_head_should_be_passed_over()
    {
        Write("a", 8, maxSegmentBytes: ThreeRecords);
        using (var log = OpenLog("a")) log.TruncateBefore(5);
        Assert.Equal((3, "3 4 5 6 7", 8), Read("a", 0));
        Assert.Equal((3, "3 4", 8), Read("a", 1, maxRecords: 2));
    }

    [Fact]
    public void Reader_that_is_kept_should_see_what_was_added_and_deleted_since()
    {
        Write("a", 8, maxSegmentBytes: ThreeRecords);
        Assert.Equal((0, "0 1", 8), Read("a", 0, maxRecords: 2));
        using (var log = OpenLog("a"))
        {
            log.TruncateBefore(5);
            log.Append("8"u8);
        }

        Assert.Equal((3, "3 4", 9), Read("a", 2, maxRecords: 2));
        Assert.Equal((5, "5 6 7 8", 9), Read("a", 5));
    }

    [Fact]
    public void Log_that_somebody_has_open_should_need_opening()
    {
        using var log = OpenLog("a");
        log.Append("0"u8);
        log.Commit();
        Assert.IsType<OpeningNeeded>(Ask("a", 0));
    }

    [Fact]
    public void Records_that_a_power_cut_could_take_back_should_need_opening()
    {
        // A copy of an open log's files, as a killed process leaves them.
        var copy = Directory.CreateDirectory(Path.Combine(_root, "copy")).FullName;
        using var log = SegmentedLog.Open(Path.Combine(_root, "a"), new WalOptions { Flush = FlushPolicy.OsCache });
        log.Append("0"u8);
        log.Commit();
        foreach (var file in Directory.GetFiles(Path.Combine(_root, "a"))
            .Where(file => !file.EndsWith("LOCK", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        Assert.IsType<OpeningNeeded>(Ask("copy", 0));
    }

    [Fact]
    public void Damaged_record_should_end_what_is_read_and_need_opening_where_it_comes_first()
    {
        Write("a", 4, maxSegmentBytes: TwoRecords);
        var file = Path.Combine(_root, "a", "00000002.log");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Equal((0, "0 1 2", 4), Read("a", 0));
        Assert.IsType<OpeningNeeded>(Ask("a", 3));
    }

    [Fact]
    public void Folder_without_a_log_should_need_opening()
    {
        Directory.CreateDirectory(Path.Combine(_root, "a"));
        Assert.IsType<OpeningNeeded>(Ask("a", 0));
    }

    private string Snapshot() => string.Join('\n', Directory.GetFiles(_root, "*", SearchOption.AllDirectories).Order()
        .Select(file => $"{file} {File.GetLastWriteTimeUtc(file):O} {Convert.ToHexString(File.ReadAllBytes(file))}"));
}
