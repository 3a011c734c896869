using System.Text;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Clients;

/// <summary>Appends with an expected offset: they get that offset or do not happen.</summary>
public sealed class ConditionalAppendSpec : LogSpec
{
    /// <summary>Segments of sixteen or more of the racing writers' short records: the log rolls in the race.</summary>
    private static readonly WalOptions SixteenRecordsASegment = new() { MaxSegmentBytes = 200 };

    private readonly DiskGate _gate = new();

    protected override void AfterAll()
    {
        _gate.Dispose();
        base.AfterAll();
    }

    private static Append Expecting(long offset, string text, long id = 0) =>
        AppendOf(text, id) with { ExpectedOffset = offset };

    private static AppendBatch BatchExpecting(long offset, params string[] texts) =>
        new([.. texts.Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text))]) { ExpectedOffset = offset };

    private void AssertRefused(IActorRef log, LogRequest append, long nextOffset)
    {
        var refused = Ask<RequestFailed>(log, append with { RequestId = 9 });
        Assert.Equal((FailureKind.Precondition, nextOffset, 9), (refused.Kind, refused.NextOffset, refused.RequestId));
        Assert.Contains($"offset {nextOffset}", refused.Reason, StringComparison.Ordinal);
    }

    private List<string> ReadAll(IActorRef log) =>
        [.. Ask<BatchRead>(log, new ReadBatch(0, 100_000)).Payloads
            .Select(payload => Encoding.UTF8.GetString(payload.Span))];

    [Theory]
    [InlineData(FlushPolicy.Always)]
    [InlineData(FlushPolicy.Interval)]
    [InlineData(FlushPolicy.OsCache)]
    public void Append_should_happen_at_the_offset_that_it_expects_or_not_at_all(FlushPolicy flush)
    {
        var log = StartLog(new WalOptions { Flush = flush });
        Assert.Equal(0, Ask<Appended>(log, Expecting(0, "a")).Offset);
        AssertRefused(log, Expecting(0, "x"), 1);
        AssertRefused(log, Expecting(2, "x"), 1);
        AssertRefused(log, Expecting(long.MaxValue, "x"), 1);
        Assert.Equal(1, Ask<BatchAppended>(log, BatchExpecting(1, "b", "c")).FirstOffset);
        AssertRefused(log, BatchExpecting(1, "x", "y"), 3);
        AssertRefused(log, BatchExpecting(2, "x", "y"), 3);
        Assert.Equal(3, Ask<Appended>(log, AppendOf("d")).Offset);
        Assert.Equal(4, Ask<Appended>(log, Expecting(4, "e")).Offset);
        Assert.Equal(["a", "b", "c", "d", "e"], ReadAll(log));
    }

    [Fact]
    public void Append_should_be_compared_with_everything_that_was_told_before()
    {
        var log = StartLog();
        var probe = CreateTestProbe();
        log.Tell(AppendOf("a", 1), probe.Ref);
        log.Tell(Expecting(0, "too low", 2), probe.Ref);
        log.Tell(Expecting(1, "b", 3), probe.Ref);
        log.Tell(Expecting(3, "too high", 4), probe.Ref);
        log.Tell(BatchExpecting(2, "c", "d") with { RequestId = 5 }, probe.Ref);
        log.Tell(Expecting(4, "e", 6), probe.Ref);
        var replies = Enumerable.Range(0, 6).Select(_ => probe.ExpectMsg<LogReply>(Patience)).OrderBy(r => r.RequestId)
            .ToList();
        Assert.Equal(new Appended(0, 1), replies[0]);
        Assert.Equal(1, Assert.IsType<RequestFailed>(replies[1]).NextOffset);
        Assert.Equal(new Appended(1, 3), replies[2]);
        Assert.Equal(2, Assert.IsType<RequestFailed>(replies[3]).NextOffset);
        Assert.Equal(new BatchAppended(2, 2, 5), replies[4]);
        Assert.Equal(new Appended(4, 6), replies[5]);
        Assert.Equal(["a", "b", "c", "d", "e"], ReadAll(log));
    }

    [Fact]
    public void Negative_offset_should_be_invalid()
    {
        var log = StartLog();
        Assert.Equal(FailureKind.Invalid, Ask<RequestFailed>(log, Expecting(-1, "x")).Kind);
        Assert.Equal(FailureKind.Invalid, Ask<RequestFailed>(log, BatchExpecting(long.MinValue, "x")).Kind);
        Assert.Equal(0, Ask<LogInfo>(log, new GetLogInfo()).NextOffset);
    }

    [Fact]
    public void Appends_that_a_roll_holds_back_should_be_compared_when_their_turn_comes()
    {
        var log = StartLog();
        AppendTexts(log, 2);
        Disk.Faults = operation => Is(operation, DiskOperationKind.Sync, ".log") ? _gate.Pass(null) : null;
        log.Tell(new SealActiveSegment(), TestActor);
        _gate.AwaitReached();
        var probe = CreateTestProbe();
        log.Tell(AppendOf("record 2", 1), probe.Ref);
        log.Tell(Expecting(2, "too low", 2), probe.Ref);
        log.Tell(Expecting(3, "record 3", 3), probe.Ref);
        log.Tell(BatchExpecting(3, "too low", "too") with { RequestId = 4 }, probe.Ref);
        AwaitForwarded(log);
        probe.ExpectNoMsg(TimeSpan.Zero);
        _gate.Open();
        var replies = Enumerable.Range(0, 4).Select(_ => probe.ExpectMsg<LogReply>(Patience)).OrderBy(r => r.RequestId)
            .ToList();
        Assert.Equal(new Appended(2, 1), replies[0]);
        Assert.Equal(3, Assert.IsType<RequestFailed>(replies[1]).NextOffset);
        Assert.Equal(new Appended(3, 3), replies[2]);
        Assert.Equal(4, Assert.IsType<RequestFailed>(replies[3]).NextOffset);
        Assert.Equal(2, Ask<SegmentList>(log, new GetSegments()).Segments.Count);
        Assert.Equal(Enumerable.Range(0, 4).Select(i => $"record {i}"), ReadAll(log));
    }

    [Fact]
    public void Refused_append_should_roll_no_segment()
    {
        var log = StartLog(FewRecordsASegment);
        AppendTexts(log, 5);
        AssertRefused(log, Expecting(4, new string('x', 90)), 5);
        Assert.Single(Ask<SegmentList>(log, new GetSegments()).Segments);
        Assert.Equal(5, Ask<Appended>(log, Expecting(5, new string('x', 90))).Offset);
        Assert.Equal(2, Ask<SegmentList>(log, new GetSegments()).Segments.Count);
    }

    [Fact]
    public void Refusal_should_hold_after_a_restart()
    {
        var log = StartLog();
        AppendTexts(log, 3);
        AssertRefused(log, Expecting(1, "x"), 3);
        StopLog(log);
        log = StartLog();
        AssertRefused(log, Expecting(2, "x"), 3);
        Assert.Equal(3, Ask<Appended>(log, Expecting(3, "record 3")).Offset);
        Assert.Equal(Enumerable.Range(0, 4).Select(i => $"record {i}"), ReadAll(log));
    }

    [Fact]
    public void Refusal_should_wait_until_the_records_that_it_tells_of_are_durable()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        Disk.Faults = operation => Is(operation, DiskOperationKind.Sync, ".log") ? _gate.Pass(null) : null;
        log.Tell(Expecting(1, "first", 1), TestActor);
        _gate.AwaitReached();
        var second = CreateTestProbe();
        log.Tell(Expecting(1, "second", 2), second.Ref);
        AwaitForwarded(log);
        second.ExpectNoMsg(TimeSpan.Zero);
        _gate.Open();
        Assert.Equal(1, ExpectMsg<Appended>(Patience).Offset);
        Assert.Equal(2, second.ExpectMsg<RequestFailed>(Patience).NextOffset);
        Assert.Equal("first", ReadText(log, 1));
    }

    [Fact]
    public void Append_should_not_be_refused_for_a_record_whose_sync_failed()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        Disk.Faults = operation => Is(operation, DiskOperationKind.Sync, ".log") ? _gate.Pass(DiskFault.Error) : null;
        log.Tell(Expecting(1, "first", 1), TestActor);
        _gate.AwaitReached();
        var second = CreateTestProbe();
        log.Tell(Expecting(1, "second", 2), second.Ref);
        AwaitForwarded(log);
        _gate.Open();
        ExpectFailure(1, FailureKind.OutcomeUnknown);
        var refused = second.ExpectMsg<RequestFailed>(Patience);
        Assert.Equal((FailureKind.Unavailable, (long?)null), (refused.Kind, refused.NextOffset));
        // A failure is latched: the log refuses every append, with any expected offset.
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, Expecting(7, "third")).Kind);
    }

    [Fact]
    public void Append_should_not_be_refused_for_a_record_that_found_no_room()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        var probe = CreateTestProbe();
        Disk.Faults = operation => Is(operation, DiskOperationKind.Sync, ".log") ? _gate.Pass(null) : null;
        log.Tell(AppendOf("in flight", 1), probe.Ref);
        _gate.AwaitReached();
        // These are staged behind the commit that is under way, and given up when their own commit is written.
        log.Tell(Expecting(2, "no room", 2), probe.Ref);
        log.Tell(Expecting(2, "freed", 3), probe.Ref);
        log.Tell(Expecting(1, "taken", 4), probe.Ref);
        AwaitForwarded(log);
        Disk.Faults = operation => Is(operation, DiskOperationKind.Write, ".log") ? DiskFault.NoSpace : null;
        _gate.Open();
        var replies = Enumerable.Range(0, 4).Select(_ => probe.ExpectMsg<LogReply>(Patience)).OrderBy(r => r.RequestId)
            .ToList();
        Assert.Equal(new Appended(1, 1), replies[0]);
        Assert.Equal(FailureKind.Aborted, Assert.IsType<RequestFailed>(replies[1]).Kind);
        Assert.Equal(FailureKind.Aborted, Assert.IsType<RequestFailed>(replies[2]).Kind);
        Assert.Equal(
            (FailureKind.Precondition, 2), (((RequestFailed)replies[3]).Kind, ((RequestFailed)replies[3]).NextOffset));
        Disk.Faults = null;
        Assert.Equal(2, Ask<Appended>(log, Expecting(2, "now")).Offset);
    }

    [Fact]
    public void Refused_appends_should_not_stay_pending()
    {
        var log = StartLog(adjust: settings => settings with { MaxPendingBytes = 1000 });
        AppendTexts(log, 1);
        for (var i = 0; i < 50; i++) AssertRefused(log, Expecting(0, new string('x', 300)), 1);
        Assert.Equal(1, Ask<Appended>(log, Expecting(1, new string('x', 300))).Offset);
    }

    [Fact]
    public async Task Racing_writers_that_retry_should_have_each_record_in_the_log_once()
    {
        const int PerWriter = 40;
        var files = new CrashingFiles(Disk, seed: 3, crashOneIn: 30);
        var log = StartLog(SixteenRecordsASegment, s => s with { MaxRestarts = 1000 }, files);
        Ask<SegmentList>(log, new GetSegments());
        files.IsArmed = true;
        var writers = Enumerable.Range(0, 3).Select(number => Task.Run(() => Write(log, number, PerWriter))).ToList();
        var offsets = await Task.WhenAll(writers);
        files.IsArmed = false;
        Assert.True(files.CrashCount > 10, $"only {files.CrashCount} crashes");
        var texts = ReadAll(log);
        var expected = Enumerable.Range(0, 3)
            .SelectMany(number => Enumerable.Range(0, PerWriter).Select(i => $"{number}:{i}"));
        Assert.Equal(expected.Order(), texts.Order());
        for (var number = 0; number < 3; number++)
        {
            Assert.Equal(offsets[number].Order(), offsets[number]);
            Assert.Equal(
                Enumerable.Range(0, PerWriter).Select(i => $"{number}:{i}"),
                offsets[number].Select(at => texts[(int)at]));
        }
    }

    // A writer as the documents describe it.
    private static async Task<List<long>> Write(IActorRef log, int number, int count)
    {
        var offsets = new List<long>();
        var next = 0L;
        for (var i = 0; i < count; i++)
        {
            var text = $"{number}:{i}";
            while (true)
            {
                var reply = await log.Ask<LogReply>(Expecting(next, text), Patience);
                if (reply is Appended appended) Assert.Equal(next, appended.Offset);
                else if (reply is not RequestFailed { Kind: FailureKind.Precondition, NextOffset: { } actual })
                    continue;
                else if (actual <= next || await ReadAt(log, next) != text)
                {
                    next = Math.Min(next + 1, actual);
                    continue;
                }
                offsets.Add(next++);
                break;
            }
        }
        return offsets;
    }

    private static async Task<string> ReadAt(IActorRef log, long offset)
    {
        while (true)
        {
            if (await log.Ask<LogReply>(new Read(offset), Patience) is RecordRead read)
                return Encoding.UTF8.GetString(read.Payload.Span);
        }
    }
}
