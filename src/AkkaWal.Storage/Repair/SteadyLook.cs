using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Epochs;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Repair;

/// <summary>
/// Looks at a log that may be written meanwhile. Between two calls of a look a writer may come, go, roll, compress or
/// delete a segment, and another owner may move the log. Then a segment seems to be missing. Such a fault is gone in
/// the next look; one that two looks in a row find is real.
/// </summary>
internal static class SteadyLook
{
    private const int MaxLooks = 16;

    /// <summary>Checks the log.</summary>
    /// <param name="root">The log's own directory and not that of an epoch.</param>
    /// <exception cref="WalFaultException">The place of the log is not known.</exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal static LogCheckResult Of(SegmentFiles root)
    {
        IReadOnlyList<LogFault>? faultsBefore = null;
        string? failureBefore = null;
        for (var look = 1; ; look++)
        {
            try
            {
                var check = LogCheck.Of(DirectoryLook.At(EpochPlaces.CurrentOf(root)));
                List<LogFault> faults = [.. check.Faults.Where(fault => fault.Kind != LogFaultKind.Leftover)];
                if (faults.Count == 0 || look == MaxLooks) return check;
                if (faultsBefore is not null && faults.SequenceEqual(faultsBefore)) return check;
                (faultsBefore, failureBefore) = (faults, null);
            }
            catch (WalException e) when (look < MaxLooks && e.Message != failureBefore)
            {
                (faultsBefore, failureBefore) = (null, e.Message);
            }
        }
    }

    /// <summary>
    /// Lists the segments again, where the MANIFEST was replaced since they were listed. A writer replaces it before it
    /// removes a file of a segment, and a new owner before it removes the former directory.
    /// </summary>
    /// <param name="root">The log's own directory and not that of an epoch.</param>
    /// <param name="before">The last list.</param>
    /// <returns>The new list; null where the last one still holds, or no MANIFEST can be read.</returns>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal static ReadCatalog? ListAnew(SegmentFiles root, ReadCatalog before)
    {
        for (var look = 1; ; look++)
        {
            try
            {
                var current = EpochPlaces.CurrentOf(root);
                var hasMoved = current.Directory != before.SegmentFiles.Directory;
                return hasMoved || before.IsOutdated() ? ReadCatalog.BesideWriter(current) : null;
            }
            catch (WalException) when (look < MaxLooks)
            {
                // A file was removed after the MANIFEST was read.
            }
            catch (WalFaultException)
            {
                return null;
            }
        }
    }
}
