using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment;
using AkkaWal.Segment.Commit;
using AkkaWal.Storage;
using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Index;

namespace AkkaWal.Manager.State;

/// <summary>
/// What of a log outlives a restart of its manager, and nothing of it a stop: above all the lock on its directory.
/// Touched by that actor alone; see <see cref="LogStates"/>.
/// </summary>
internal sealed class LogState(WalSettings settings, IWalFileSystem files, LogMetrics metrics) : IDisposable
{
    private const long MostBatchBytes = 64 << 20;

    private readonly Dictionary<IActorRef, SegmentMemory> _segments = [];
    private LogDirectory? _directory;

    internal WalSettings Settings { get; } =
        settings.ArchiveDirectory.Length == 0 || settings.Options.Archive is not null
            ? settings
            : settings with
            {
                Options = settings.Options with { Archive = new DirectoryArchive(files, settings.ArchiveDirectory) },
            };

    /// <summary>What its active segments' actors hand on.</summary>
    internal TailState Tail { get; } = new(settings.Options.MaxSegmentBytes, metrics);

    /// <summary>What the log counts and measures.</summary>
    internal LogMetrics Metrics => metrics;

    /// <summary>What the log looks like now, but for what is changing meanwhile. For any thread.</summary>
    internal LogGauges Gauges => _directory is { } open
        ? new LogGauges(PendingBytes, Tail.ActiveBytes, Tail.Latch.Reason is not null, open.Totals)
        : new LogGauges(PendingBytes, 0, Tail.Latch.Reason is not null, SegmentTotals.OfNone);

    /// <summary>
    /// Bytes of appends that were forwarded and are not answered. It outlives the manager's restarts as its segments'
    /// credits do: each request that was counted is given back once, whatever life it was told in.
    /// </summary>
    internal long PendingBytes
    {
        get;
        set
        {
            Debug.Assert(value >= 0, "what is given back was counted");
            field = value;
        }
    }

    internal IWalFileSystem Files => files;

    /// <summary>What the indexes of sealed segments may take.</summary>
    internal IndexBudget IndexBudget { get; } = new(settings.MaxIndexBytes);

    /// <summary>What batches that are read across segments hold on their way.</summary>
    internal BatchBudget Batches { get; } = new(MostBatchBytes);

    /// <summary>What consumers hold.</summary>
    internal Floors Floors { get; } = new();

    /// <summary>The directory, once it is open.</summary>
    internal LogDirectory Directory => _directory ?? throw new InvalidOperationException("the directory is not open");

    /// <summary>Opens the directory anew, letting go of what a life before held.</summary>
    /// <exception cref="WalException">It can't be opened.</exception>
    internal void OpenDirectory(Action<string> note)
    {
        Dispose();
        _directory = LogDirectory.Open(files, Settings.Directory, Settings.Options, note);
    }

    /// <summary>Writes what the catalog knows; nothing where the directory is not open.</summary>
    /// <exception cref="WalException">It could not be written.</exception>
    internal void SaveManifest() => _directory?.SaveManifest();

    /// <summary>A segment's actor was started with this.</summary>
    internal void Begin(IActorRef segment, SegmentMemory memory) => _segments[segment] = memory;

    /// <summary>A segment's actor has stopped.</summary>
    internal void End(IActorRef segment)
    {
        if (_segments.Remove(segment, out var memory)) PendingBytes -= memory.Abandon();
    }

    /// <summary>Lets go of the directory, and of whatever actors left that are all gone by now.</summary>
    public void Dispose()
    {
        foreach (var segment in _segments.Keys.ToList()) End(segment);
        _directory?.Dispose();
        _directory = null;
    }
}
