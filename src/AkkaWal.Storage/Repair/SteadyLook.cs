using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Epochs;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Repair;

/// <summary>
/// Checks a log that may be written meanwhile. Between two calls of a look its writer may roll, compress or delete a
/// segment, which then seems to be missing. Such a fault is gone in the next look; one that is found again is real.
/// </summary>
internal static class SteadyLook
{
    private const int MaxLooks = 16;

    /// <summary>Checks the log.</summary>
    /// <param name="segmentFiles">Where the log is; its own directory and not that of an epoch.</param>
    /// <exception cref="WalFaultException">The place of the log is not known.</exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal static LogCheckResult Of(SegmentFiles segmentFiles)
    {
        IReadOnlyList<LogFault>? before = null;
        for (var look = 1; ; look++)
        {
            var isLast = look == MaxLooks || !HasWriter(segmentFiles);
            try
            {
                var check = LogCheck.Of(DirectoryLook.At(EpochPlaces.CurrentOf(segmentFiles)));
                List<LogFault> faults = [.. check.Faults.Where(fault => fault.Kind != LogFaultKind.Leftover)];
                if (isLast || faults.Count == 0 || (before is not null && faults.SequenceEqual(before))) return check;
                before = faults;
            }
            catch (WalException) when (!isLast)
            {
                // A file went away that was just there.
                before = null;
            }
        }
    }

    /// <summary>Whether some process has the log open.</summary>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal static bool HasWriter(SegmentFiles segmentFiles) => ReadView.HasWriterNow(segmentFiles, ownsLock: false);
}
