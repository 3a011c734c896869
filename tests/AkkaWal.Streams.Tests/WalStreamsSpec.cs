using System.Collections.Concurrent;
using System.Text;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Streams.TestKit;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.TestKit;
using AkkaWal.Tests;

namespace AkkaWal.Streams.Tests;

/// <summary>Streams from and to a log on a simulated disk.</summary>
public sealed class WalStreamsSpec : ActorSpec
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Small segments: what is read and written crosses them.</summary>
    private static readonly WalOptions SmallSegments = new() { MaxSegmentBytes = 500 };

    private readonly SimulatedDisk _disk = new();
    private readonly ActorMaterializer _materializer;
    private readonly IActorRef _log;
    private readonly WalClient _client;

    public WalStreamsSpec()
    {
        _materializer = Sys.Materializer();
        var settings = new WalSettings { Directory = "/log", Options = SmallSegments };
        _log = Sys.ActorOf(LogManager.Props(Sys, settings, _disk));
        _client = new WalClient(_log, Patience);
    }

    private static ReadOnlyMemory<byte> BytesOf(string text) => Encoding.UTF8.GetBytes(text);

    private static string TextOf(WalRecord record) => Encoding.UTF8.GetString(record.Payload.Span);

    private static Source<ReadOnlyMemory<byte>, Akka.NotUsed> Texts(int count, int from = 0) =>
        Source.From(Enumerable.Range(from, count)).Select(i => BytesOf($"record {i}"));

    private async Task AppendTexts(int count, int from = 0) =>
        Assert.Equal(count, await Texts(count, from).RunWith(WalSink.Append(_client), _materializer));

    [Fact]
    public async Task Sink_should_append_in_order_and_tell_how_many()
    {
        await AppendTexts(1000);
        var records = await WalSource.Scan(_client, 0).RunWith(Sink.Seq<WalRecord>(), _materializer);
        Assert.Equal(
            Enumerable.Range(0, 1000).Select(i => ((long)i, $"record {i}")),
            records.Select(record => (record.Offset, TextOf(record))));
    }

    [Fact]
    public async Task Flow_should_give_each_context_the_offset_of_its_record()
    {
        await AppendTexts(3);
        var appended = await Source.From(Enumerable.Range(0, 200)).Select(i => (BytesOf($"mine {i}"), $"context {i}"))
            .Via(WalFlow.AppendWithContext<string>(_client, new AppendOptions { MaxBatchRecords = 7 }))
            .RunWith(Sink.Seq<(long Offset, string Context)>(), _materializer);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => (3L + i, $"context {i}")), appended);
    }

    [Fact]
    public async Task Empty_stream_should_append_nothing() => Assert.Equal(
        0, await Source.Empty<ReadOnlyMemory<byte>>().RunWith(WalSink.Append(_client), _materializer));

    [Fact]
    public async Task Follower_should_see_what_was_there_and_what_comes()
    {
        await AppendTexts(5);
        var probe = WalSource.Follow(_client, 3).Select(TextOf).RunWith(this.SinkProbe<string>(), _materializer);
        probe.Request(2).ExpectNext("record 3", "record 4");
        probe.Request(2);
        await AppendTexts(2, 5);
        probe.ExpectNext("record 5", "record 6");
        probe.Cancel();
    }

    [Fact]
    public async Task Follower_that_stopped_asking_should_be_asked_for_nothing()
    {
        await AppendTexts(5);
        var asked = new ConcurrentQueue<object>();
        var counted = Sys.ActorOf(Props.Create(() => new CountingLog(_log, asked)).WithDeploy(Deploy.Local));
        var probe = WalSource.Follow(new WalClient(counted, Patience), 0)
            .RunWith(this.SinkProbe<WalRecord>(), _materializer);
        probe.Request(1);
        Assert.Equal(0, probe.ExpectNext().Offset);
        await AppendTexts(500, 5);
        Assert.IsType<ReadBatch>(Assert.Single(asked));
        probe.Request(1);
        Assert.Equal(1, probe.ExpectNext().Offset);
        probe.Cancel();
    }

    [Fact]
    public async Task Append_that_is_refused_should_fail_the_stream_with_its_kind()
    {
        var tooLarge = Source.Single<ReadOnlyMemory<byte>>(new byte[(16 << 20) + 1]);
        var error = await Assert.ThrowsAsync<WalRequestException>(() =>
            tooLarge.RunWith(WalSink.Append(_client), _materializer));
        Assert.Equal(FailureKind.Invalid, error.Kind);
    }

    [Fact]
    public async Task Scan_behind_the_end_should_fail_the_stream()
    {
        var error = await Assert.ThrowsAsync<WalRequestException>(() =>
            WalSource.Scan(_client, 7)
                .RunWith(Sink.Ignore<WalRecord>().MapMaterializedValue(done => (Task)done), _materializer));
        Assert.Equal(FailureKind.NotFound, error.Kind);
    }

    [Fact]
    public async Task Slow_log_should_hold_the_stream_back()
    {
        const int Records = 2_000, BatchRecords = 10;
        var (gate, taken, appended, most) = (new object(), 0, 0, 0);
        _disk.Faults = operation =>
        {
            // The log is slower than the stream: no sync ends before records of the next batch were taken.
            if (operation.Kind == DiskOperationKind.Sync)
            {
                lock (gate)
                    while (taken < Math.Min(Records, appended + BatchRecords + 1)) Monitor.Wait(gate);
            }
            return null;
        };
        var offsets = await Texts(Records).Select(payload =>
        {
            lock (gate)
            {
                most = Math.Max(most, ++taken - appended);
                Monitor.PulseAll(gate);
            }
            return payload;
        }).Via(WalFlow.Append(_client, new AppendOptions { MaxBatchRecords = BatchRecords })).Select(offset =>
        {
            lock (gate) appended++;
            return offset;
        }).RunWith(Sink.Seq<long>(), _materializer);
        _disk.Faults = null;
        Assert.Equal(Enumerable.Range(0, Records).Select(i => (long)i), offsets);
        // One batch under way, one that forms, and what the stream's own buffers hold.
        Assert.InRange(most, BatchRecords + 1, 10 * BatchRecords);
    }

    /// <summary>Passes everything on to a log, and notes it.</summary>
    private sealed class CountingLog : ReceiveActor
    {
        public CountingLog(IActorRef log, ConcurrentQueue<object> asked) => ReceiveAny(message =>
        {
            asked.Enqueue(message);
            log.Forward(message);
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Options_that_are_no_limits_should_be_refused(int value)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new AppendOptions { MaxBatchRecords = value });
        Assert.Throws<ArgumentOutOfRangeException>(() => new AppendOptions { MaxBatchBytes = value });
        Assert.Throws<ArgumentOutOfRangeException>(() => new AppendOptions { MaxBatchesUnderWay = value });
    }
}
