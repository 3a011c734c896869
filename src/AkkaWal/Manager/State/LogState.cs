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
/// What survives a restart of a log's manager, above all the lock on its directory. A stop ends it. Used by that actor
/// alone; see <see cref="LogStates"/>.
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

    /// <summary>The state that passes from one active segment's actor to the next.</summary>
    internal TailState Tail { get; } = new(settings.Options.MaxSegmentBytes, metrics);

    /// <summary>The log's metrics.</summary>
    internal LogMetrics Metrics => metrics;

    /// <summary>The log's gauges now. Values that change at the same time may be old. For any thread.</summary>
    internal LogGauges Gauges => _directory is { } open
        ? new LogGauges(PendingBytes, Tail.ActiveBytes, Tail.Latch.Reason is not null, open.Totals)
        : new LogGauges(PendingBytes, 0, Tail.Latch.Reason is not null, SegmentTotals.OfNone);

    /// <summary>
    /// Bytes of appends that were forwarded and are not answered. The count survives the manager's restarts, and so do
    /// the segments' credits: each request that was counted is subtracted once, also after a restart.
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

    /// <summary>The memory limit of the indexes of sealed segments.</summary>
    internal IndexBudget IndexBudget { get; } = new(settings.MaxIndexBytes);

    /// <summary>The memory limit of batches that go from segment to segment.</summary>
    internal BatchBudget Batches { get; } = new(MostBatchBytes);

    /// <summary>The floors of consumers.</summary>
    internal Floors Floors { get; } = new();

    /// <summary>The directory. It must be open.</summary>
    internal LogDirectory Directory => _directory ?? throw new InvalidOperationException("the directory is not open");

    /// <summary>Opens the directory anew. Closes it first if it was open before a restart.</summary>
    /// <exception cref="WalException">It can't be opened.</exception>
    internal void OpenDirectory(Action<string> note)
    {
        Dispose();
        _directory = LogDirectory.Open(files, Settings.Directory, Settings.Options, note);
    }

    /// <summary>Writes the catalog to the MANIFEST, if the directory is open.</summary>
    /// <exception cref="WalException">It could not be written.</exception>
    internal void SaveManifest() => _directory?.SaveManifest();

    /// <summary>A segment's actor was started.</summary>
    internal void Begin(IActorRef segment, SegmentMemory memory) => _segments[segment] = memory;

    /// <summary>A segment's actor has stopped.</summary>
    internal void End(IActorRef segment)
    {
        if (_segments.Remove(segment, out var memory)) PendingBytes -= memory.Abandon();
    }

    /// <summary>Closes the directory and what stopped actors left behind. All actors must have stopped.</summary>
    public void Dispose()
    {
        foreach (var segment in _segments.Keys.ToList()) End(segment);
        _directory?.Dispose();
        _directory = null;
    }
}
