namespace AkkaWal.Storage;

/// <summary>An append of a <see cref="LogAppender"/> that has not ended: a record or a batch.</summary>
/// <param name="payloads">The records; one for a plain append.</param>
/// <param name="sizeBytes">Payloads and frame headers, in bytes.</param>
/// <param name="isBatch">Whether all records or none must survive a crash.</param>
internal sealed class PendingAppend(IReadOnlyList<ReadOnlyMemory<byte>> payloads, long sizeBytes, bool isBatch)
{
    // Continuations run on other threads: the committing thread must not run a caller's code.
    private readonly TaskCompletionSource<long> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long _offset;

    internal long SizeBytes => sizeBytes;

    /// <summary>Completes with the offset of the first record, or fails.</summary>
    internal Task<long> Outcome => _outcome.Task;

    /// <summary>Whether all its records lie before an offset.</summary>
    internal bool IsBefore(long nextOffset) => _offset + payloads.Count <= nextOffset;

    /// <summary>Stages the records. Errors as <see cref="SegmentedLog.Append"/>.</summary>
    internal void StageIn(SegmentedLog log) =>
        _offset = isBatch ? log.AppendBatch(payloads) : log.Append(payloads[0].Span);

    internal void Succeed() => _outcome.TrySetResult(_offset);

    internal void Fail(Exception cause) => _outcome.TrySetException(cause);
}
