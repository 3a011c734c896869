using AkkaWal.Storage.Files;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Tail;

/// <summary>
/// Checks that the active segment is still this log's: before anything is written, and before anything is acknowledged.
/// A loss is latched. For the owner's thread, except <see cref="ThrowIfLost"/>.
/// </summary>
internal sealed class TailOwnership(SegmentFiles segmentFiles, IWalFile log, FailureLatch latch)
{
    // Where a write is acknowledged without a sync, nothing is checked between the two; a former owner must not
    // acknowledge what it wrote after its successor had read the segment.
    private readonly bool _isCheckedBehindWrites =
        segmentFiles.Options.Owner.Length > 0 && segmentFiles.Options.Flush != FlushPolicy.Always;

    /// <summary>Whether another owner was found to have taken the log over, and so to have gone on behind it.</summary>
    internal bool IsTakenOver => segmentFiles.IsTakenOver;

    /// <summary>Checks, between a sync and its acknowledgement. From any thread.</summary>
    /// <exception cref="WalIOException">The segment is lost, or that can't be told.</exception>
    internal void ThrowIfLost() => segmentFiles.ThrowIfLost(log);

    /// <summary>Checks before the end of the log is told to a reader, on storage that machines share.</summary>
    /// <returns>Why this owner does not know the end; null where it does.</returns>
    internal WalIOException? WhyEndIsUnknown() => segmentFiles.WhyLost(log);

    /// <summary>Checks before anything is written, so that a refused operation definitely did not happen.</summary>
    /// <returns>The error to throw where it can't be told; null where the segment is still this log's.</returns>
    /// <exception cref="WalReadOnlyException">The segment is lost. Latched.</exception>
    internal WalLackException? CheckBeforeWrite()
    {
        try
        {
            ThrowIfLost();
            return null;
        }
        catch (WalIOException e) when (e.IsNotOwned)
        {
            latch.Latch(e);
            latch.ThrowIfLatched();
            throw;
        }
        catch (WalIOException e)
        {
            var message = $"it can't be told whether {log.Path} is still this log's: {e.Message}";
            return new WalLackException(message, e.Cause, e);
        }
    }

    /// <summary>Checks behind a write that is acknowledged without a sync, on storage that machines share.</summary>
    /// <exception cref="WalOutcomeUnknownException">The segment is lost, or that can't be told. Latched.</exception>
    internal void CheckBehindWrite()
    {
        if (!_isCheckedBehindWrites) return;
        try
        {
            ThrowIfLost();
        }
        catch (WalIOException e)
        {
            throw latch.Latch(e);
        }
    }
}
