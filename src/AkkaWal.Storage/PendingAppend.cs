namespace AkkaWal.Storage;

/// <summary>An append of a <see cref="LogAppender"/> that has not ended: a record or a batch.</summary>
/// <param name="payloads">The records; one for a plain append.</param>
/// <param name="sizeBytes">Payloads and frame headers, in bytes.</param>
/// <param name="isBatch">Whether all records or none must survive a crash.</param>
/// <remarks>
/// A caller that waits goes on in a work item of its own, in the pool's global queue: the committing thread must not
/// run a caller's code, and in its own queue the callers would stand behind its next commit.
/// </remarks>
internal sealed class PendingAppend(IReadOnlyList<ReadOnlyMemory<byte>> payloads, long sizeBytes, bool isBatch)
    : IThreadPoolWorkItem
{
    private readonly TaskCompletionSource<long> _outcome = new();
    private long _offset;
    private Exception? _failure;
    private bool _isOver;

    internal long SizeBytes => sizeBytes;

    /// <summary>Whether its caller commits it, and so has not begun to wait when it ends.</summary>
    internal bool IsOfLeader { get; set; }

    /// <summary>Completes with the offset of the first record, or fails.</summary>
    internal Task<long> Outcome => _outcome.Task;

    /// <summary>Whether all its records lie before an offset.</summary>
    internal bool IsBefore(long nextOffset) => _offset + payloads.Count <= nextOffset;

    /// <summary>Stages the records. Errors as <see cref="SegmentedLog.Append"/>.</summary>
    internal void StageIn(SegmentedLog log) =>
        _offset = isBatch ? log.AppendBatch(payloads) : log.Append(payloads[0].Span);

    internal void Succeed() => End(null);

    internal void Fail(Exception cause) => End(cause);

    void IThreadPoolWorkItem.Execute() => Complete();

    // Called by the committing thread alone. The first outcome counts.
    private void End(Exception? failure)
    {
        if (_isOver) return;
        (_isOver, _failure) = (true, failure);
        if (IsOfLeader)
        {
            Complete();
            return;
        }
        try
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        catch (OutOfMemoryException)
        {
            // The queue could not grow. The caller must go on all the same.
            Complete();
        }
    }

    private void Complete()
    {
        if (_failure is null) _outcome.SetResult(_offset);
        else _outcome.SetException(_failure);
    }
}
