using AkkaWal.Storage.Files;

namespace AkkaWal.Storage.Tail;

/// <summary>
/// Starts write-back of a log that is not synced at each commit, so that the sync at the seal has little left to write.
/// Owned by the writer's thread.
/// </summary>
internal sealed class WriteBack(IWalFile log, Courtesies courtesies)
{
    // Starts write-back once this many unsynced bytes have accumulated.
    private const int StepBytes = 4 << 20;

    private long _startedUpTo;

    /// <summary>Starts write-back of committed bytes once enough of them are unsynced.</summary>
    internal void Start(long durableEnd, long committedEnd)
    {
        var start = Math.Max(_startedUpTo, durableEnd);
        if (committedEnd - start < StepBytes) return;
        courtesies.Note(log.BeginWriteOut(start, committedEnd - start));
        _startedUpTo = committedEnd;
    }
}
