using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Extension;

/// <summary>The metrics of one log, and that nothing is allocated without a listener.</summary>
public sealed class WalMetricsSpec : LogSpec
{
    private static readonly Dictionary<string, (Type Kind, string Unit)> Instruments = new()
    {
        ["akkawal.appends"] = (typeof(Counter<long>), "{request}"),
        ["akkawal.records"] = (typeof(Counter<long>), "{record}"),
        ["akkawal.bytes"] = (typeof(Counter<long>), "By"),
        ["akkawal.commit.size"] = (typeof(Histogram<long>), "{record}"),
        ["akkawal.commit.duration"] = (typeof(Histogram<double>), "s"),
        ["akkawal.sync.duration"] = (typeof(Histogram<double>), "s"),
        ["akkawal.refusals"] = (typeof(Counter<long>), "{request}"),
        ["akkawal.reads"] = (typeof(Counter<long>), "{request}"),
        ["akkawal.rolls"] = (typeof(Counter<long>), "{segment}"),
        ["akkawal.upkeep.failures"] = (typeof(Counter<long>), "{operation}"),
        ["akkawal.recovery.duration"] = (typeof(Histogram<double>), "s"),
        ["akkawal.queue.size"] = (typeof(ObservableUpDownCounter<long>), "By"),
        ["akkawal.disk.size"] = (typeof(ObservableUpDownCounter<long>), "By"),
        ["akkawal.segments"] = (typeof(ObservableUpDownCounter<long>), "{segment}"),
        ["akkawal.latched"] = (typeof(ObservableGauge<long>), "{failure}"),
    };

    // All logs of the process share the meter, and other specs measure at the same time.
    private readonly string _name = $"log-{Guid.NewGuid():N}";

    [Fact]
    public void Instruments_should_be_those_that_are_told_of_with_their_units()
    {
        using var seen = new Seen(_name);
        Assert.Equal(Instruments.Keys.Order(), seen.Published.Select(instrument => instrument.Name).Order());
        foreach (var instrument in seen.Published)
        {
            Assert.Equal(Instruments[instrument.Name], (instrument.GetType(), instrument.Unit!));
            Assert.EndsWith(".", instrument.Description, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Log_should_count_and_measure_what_it_does_under_its_name()
    {
        using var seen = new Seen(_name);
        var log = Open(s => s with
        {
            Options = new WalOptions { Codec = CompressionCodec.Lz4 },
            Retention = new RetentionPolicy { MaxSegments = 2 },
        });
        Ask<Appended>(log, new Append(new byte[1000]));
        Ask<BatchAppended>(log, new AppendBatch([new byte[1000], new byte[1000], new byte[1000]]));
        Assert.Equal((2, 4), (seen.Sum("akkawal.appends"), seen.Sum("akkawal.records")));
        Assert.Equal(4032, seen.Sum("akkawal.bytes"));
        Assert.Equal([1, 3], seen.Values("akkawal.commit.size"));
        Assert.Equal(2, seen.Values("akkawal.commit.duration").Count(seconds => seconds is >= 0 and < 60));
        Assert.Equal(2, seen.Values("akkawal.sync.duration").Count(seconds => seconds is >= 0 and < 60));
        Assert.Equal(["directory", "segment"], seen.Tags("akkawal.recovery.duration", WalMetrics.StepTag));

        Ask<RecordRead>(log, new Read(0));
        Ask<BatchRead>(log, new ReadBatch(0));
        Ask<RecordLocated>(log, new Locate(0));
        Assert.Equal(3, seen.Sum("akkawal.reads"));
        Assert.Empty(seen.Values("akkawal.refusals"));
        Ask<RequestFailed>(log, new Read(99));
        Ask<RequestFailed>(log, new SetSegmentLimit(0));
        Ask<SegmentSealed>(log, new SealActiveSegment());
        Ask<RequestFailed>(log, new SealActiveSegment());
        Assert.Equal(["NotFound", "Invalid", "Precondition"], seen.Tags("akkawal.refusals", WalMetrics.KindTag));
        Assert.Equal(1, seen.Sum("akkawal.rolls"));

        Assert.Equal(0, seen.Observe("akkawal.queue.size").Single().Value);
        Assert.Equal(4032, seen.Observe("akkawal.disk.size").Single().Value);
        Assert.Equal([("active", 1), ("archived", 0), ("compressed", 0), ("sealed", 1)], States(seen));
        Ask<Appended>(log, new Append(new byte[100]));
        var file = Ask<SegmentList>(log, new GetSegments()).Segments[0].File;
        var stored = Ask<SegmentCompressed>(log, new CompressSegment(file)).StoredBytes;
        Assert.Equal([("active", 1), ("archived", 0), ("compressed", 1), ("sealed", 0)], States(seen));
        Assert.Equal(stored + 108, seen.Observe("akkawal.disk.size").Single().Value);

        // Retention must delete the oldest segment, and fails.
        Disk.Faults = operation => Is(operation, DiskOperationKind.Write, "MANIFEST.tmp") ? DiskFault.Error : null;
        for (var i = 0; i < 2; i++)
        {
            Ask<SegmentSealed>(log, new SealActiveSegment());
            Ask<Appended>(log, new Append(new byte[1]));
        }
        AwaitCondition(() => seen.Sum("akkawal.upkeep.failures") > 0, Patience);
        Disk.Faults = null;
        StopLog(log);
        Assert.Empty(seen.Observe("akkawal.segments"));
    }

    [Fact]
    public void Latched_failure_and_what_it_refuses_should_be_seen()
    {
        using var seen = new Seen(_name);
        var log = Open();
        Ask<Appended>(log, AppendOf("durable"));
        Assert.Equal(0, seen.Observe("akkawal.latched").Single().Value);
        Disk.Faults = operation => operation.Kind == DiskOperationKind.Sync ? DiskFault.Error : null;
        Ask<RequestFailed>(log, AppendOf("lost?"));
        Disk.Faults = null;
        Ask<RequestFailed>(log, AppendOf("refused"));
        Assert.Equal(1, seen.Observe("akkawal.latched").Single().Value);
        Assert.Equal(["OutcomeUnknown", "Unavailable"], seen.Tags("akkawal.refusals", WalMetrics.KindTag));
        Assert.Single(seen.Values("akkawal.sync.duration"));
    }

    [Fact]
    public void Log_made_by_hand_should_bear_its_actors_name()
    {
        using var seen = new Seen(_name);
        var log = Sys.ActorOf(LogManager.Props(Sys, new WalSettings { Directory = Directory }, Disk), _name);
        Ask<Appended>(log, AppendOf("one"));
        Assert.Equal(1, seen.Sum("akkawal.records"));
        StopLog(log);
        log.Tell(AppendOf("late"), TestActor);
        ExpectFailure(0, FailureKind.Unavailable);
    }

    [Fact]
    public void Nothing_should_be_allocated_while_nobody_listens()
    {
        var metrics = new LogMetrics(_name);
        Measure(metrics);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Measure(metrics);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Measure(LogMetrics metrics)
    {
        metrics.Committed(1, 2, 3, 4);
        metrics.Synced(5);
        metrics.Refused(FailureKind.Precondition);
        metrics.Read();
        metrics.Rolled();
    }

    private IActorRef Open(Func<WalSettings, WalSettings>? adjust = null)
    {
        var settings = new WalSettings { Directory = Directory };
        return Wal.Get(Sys).Open(_name, adjust?.Invoke(settings) ?? settings, Disk);
    }

    private static IEnumerable<(string State, double Count)> States(Seen seen) =>
        seen.Observe("akkawal.segments").Select(one => (one.Tags[WalMetrics.StateTag], one.Value)).Order();

    private sealed record Measured(string Name, double Value, Dictionary<string, string> Tags);

    /// <summary>Listens to the measurements with one log's name.</summary>
    private sealed class Seen : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<Measured> _measured = [];
        private readonly string _log;

        internal Seen(string log)
        {
            _log = log;
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name != WalMetrics.MeterName) return;
                Published.Add(instrument);
                listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>(
                (instrument, value, tags, _) => Note(instrument, value, tags));
            // Creates the instruments, if no log has done so yet.
            new LogMetrics("none").Read();
            _listener.Start();
        }

        internal List<Instrument> Published { get; } = [];

        public void Dispose() => _listener.Dispose();

        internal IReadOnlyList<double> Values(string name) => [.. Of(name).Select(one => one.Value)];

        internal double Sum(string name) => Of(name).Sum(one => one.Value);

        internal IReadOnlyList<string> Tags(string name, string tag) => [.. Of(name).Select(one => one.Tags[tag])];

        /// <summary>The current value of an observable instrument.</summary>
        internal IReadOnlyList<Measured> Observe(string name)
        {
            var before = Of(name).Count();
            _listener.RecordObservableInstruments();
            return [.. Of(name).Skip(before)];
        }

        private IEnumerable<Measured> Of(string name) => _measured.Where(one => one.Name == name);

        private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var named = new Dictionary<string, string>();
            foreach (var (key, text) in tags) named[key] = (string)text!;
            if (named.GetValueOrDefault(WalMetrics.LogTag) == _log)
                _measured.Enqueue(new Measured(instrument.Name, value, named));
        }
    }
}
