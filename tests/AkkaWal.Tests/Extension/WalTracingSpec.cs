using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Protocol;

namespace AkkaWal.Tests.Extension;

/// <summary>The activities of appends and reads.</summary>
public sealed class WalTracingSpec : LogSpec
{
    // All logs of the process share the source, and other specs append at the same time.
    private readonly string _name = $"log-{Guid.NewGuid():N}";

    private readonly ConcurrentQueue<Activity> _stopped = [];

    [Fact]
    public async Task Appends_and_reads_should_be_activities_below_that_of_their_caller()
    {
        using var listener = Listen();
        var client = new WalClient(Open(), Patience);
        using var caller = new Activity("caller").Start();
        await client.AppendAsync(new byte[10]);
        await client.AppendBatchAsync([new byte[3], new byte[4]]);
        await client.ReadAsync(1);
        await client.ReadBatchAsync(0);
        await client.GetInfoAsync();
        Assert.Same(caller, Activity.Current);

        Assert.Equal(
            [
                ("akkawal.append", 0, 1, 10), ("akkawal.append", 1, 2, 7),
                ("akkawal.read", 1, 1, 3), ("akkawal.read", 0, 3, 17),
            ],
            _stopped.Select(one => (
                one.OperationName,
                (long)one.GetTagItem(WalTracing.OffsetTag)!,
                (int)one.GetTagItem(WalTracing.RecordsTag)!,
                (long)one.GetTagItem(WalTracing.BytesTag)!)));
        Assert.All(_stopped, one =>
        {
            Assert.Equal((caller.SpanId, ActivityKind.Client), (one.ParentSpanId, one.Kind));
            Assert.Equal(ActivityStatusCode.Unset, one.Status);
        });
    }

    [Fact]
    public async Task Failures_should_be_errors_with_their_kind()
    {
        using var listener = Listen();
        var log = Open();
        await Assert.ThrowsAsync<WalRequestException>(() => new WalClient(log, Patience).ReadAsync(5));
        var silent = CreateTestProbe(_name).Ref;
        await Assert.ThrowsAsync<WalRequestException>(
            () => new WalClient(silent, TimeSpan.FromMilliseconds(1)).AppendAsync(new byte[1]));
        Assert.Equal(
            [("akkawal.read", "NotFound"), ("akkawal.append", "OutcomeUnknown")],
            _stopped.Select(one => (one.OperationName, (string)one.GetTagItem(WalMetrics.KindTag)!)));
        Assert.All(_stopped, one => Assert.Equal(ActivityStatusCode.Error, one.Status));
        Assert.All(_stopped, one => Assert.NotEmpty(one.StatusDescription!));
    }

    [Fact]
    public async Task Request_that_no_log_could_get_should_be_an_error_with_its_kind()
    {
        using var listener = Listen();
        Open();
        var client = Wal.Get(Sys).Client(_name, TimeSpan.FromMilliseconds(1));
        await Wal.Get(Sys).CloseAsync(_name);
        var failure = await Assert.ThrowsAsync<WalRequestException>(() => client.AppendAsync(new byte[1]));
        var activity = Assert.Single(_stopped);
        Assert.Equal(
            (ActivityStatusCode.Error, "Unavailable", failure.Message),
            (activity.Status, (string)activity.GetTagItem(WalMetrics.KindTag)!, activity.StatusDescription));
    }

    [Fact]
    public void Nothing_should_be_allocated_while_nobody_listens()
    {
        LogRequest[] requests =
            [new Append(new byte[1]), new AppendBatch([new byte[1]]), new Read(0), new ReadBatch(0)];
        Trace();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Trace();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Trace()
        {
            foreach (var request in requests)
            {
                var activity = WalTracing.Start(request, _name);
                WalTracing.Note(activity, null!);
                WalTracing.NoteFailure(activity, FailureKind.Unavailable, "why");
            }
        }
    }

    private IActorRef Open() => Wal.Get(Sys).Open(_name, new WalSettings { Directory = Directory }, Disk);

    private ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == WalTracing.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                var log = (string)activity.GetTagItem(WalMetrics.LogTag)!;
                if (log.StartsWith(_name, StringComparison.Ordinal)) _stopped.Enqueue(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
