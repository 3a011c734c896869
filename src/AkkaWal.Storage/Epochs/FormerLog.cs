using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Epochs;

/// <summary>
/// The log as its former owner left it, with the file of its active segment locked where the log can be opened. This
/// class only reads. What a takeover sets aside or removes there stands in FORMAT.md, "Epochs".
/// </summary>
internal sealed class FormerLog : IDisposable
{
    private IWalFile? _active;

    private FormerLog(LogCheckResult check, IWalFile? active, long epoch) =>
        (Check, _active, Epoch) = (check, active, epoch);

    /// <summary>The epoch that it is of; 0 for the log's own directory.</summary>
    internal long Epoch { get; }

    internal LogCheckResult Check { get; }

    internal SegmentFiles Files => Check.SegmentFiles;

    /// <summary>Looks at the log, and locks its active segment.</summary>
    /// <param name="root">The log's own directory.</param>
    /// <param name="places">Its epochs; null where it has none.</param>
    /// <param name="current">The epoch that holds the log; 0 for its own directory.</param>
    /// <exception cref="WalForeignException">The log's own directory is that of an epoch.</exception>
    /// <exception cref="WalLockedException">Another process has the active segment locked.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static FormerLog Of(SegmentFiles root, EpochPlaces? places, long current)
    {
        var check = LogCheck.Of(DirectoryLook.At(places?.At(current) ?? root));
        check.ThrowIfOfEpoch(root.Directory);
        var active = check.Refusal is null && check.Tail is not null ? LockActive(root, check) : null;
        return new FormerLog(check, active, current);
    }

    /// <exception cref="WalFaultException">The log can't be opened for writing.</exception>
    internal void ThrowIfRefused()
    {
        if (Check.Refusal is { } refusal) throw refusal.ToException();
        // Only the log's own directory begins a log. An epoch's has lost its MANIFEST.
        if (Check.IsNew && Epoch > 0)
            throw new WalAbsentException(Files.PathOf(SegmentName.Manifest), "the MANIFEST of a log");
    }

    /// <summary>Closes the active segment's file, which releases its lock. A second call does nothing.</summary>
    public void Dispose()
    {
        _active?.Dispose();
        _active = null;
    }

    private static IWalFile LockActive(SegmentFiles root, LogCheckResult check)
    {
        var path = check.SegmentFiles.LogPath(check.ActiveBase);
        // NFS locks a file for writing only where it was opened for that.
        var active = check.SegmentFiles.Disk.Open(path, FileAccessMode.ReadWrite);
        if (active.TryLock() != false) return active;
        active.Dispose();
        throw new WalLockedException(root.Directory, $"another process, which has {path} locked");
    }
}
