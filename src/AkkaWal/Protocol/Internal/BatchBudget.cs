namespace AkkaWal.Protocol.Internal;

/// <summary>
/// The payload bytes that batches hold while they go from segment to segment. A batch that finds no room is answered
/// with what it has. For any number of threads.
/// </summary>
/// <param name="maxBytes">How many at most; a batch that is alone goes on whatever it holds.</param>
internal sealed class BatchBudget(long maxBytes)
{
    private long _usedBytes;

    internal long UsedBytes => Interlocked.Read(ref _usedBytes);

    /// <summary>Takes room; null where there is none. It is given back once.</summary>
    internal Hold? TryTake(long bytes)
    {
        var usedBytes = Interlocked.Add(ref _usedBytes, bytes);
        if (usedBytes <= maxBytes || usedBytes == bytes) return new Hold(this, bytes);
        Interlocked.Add(ref _usedBytes, -bytes);
        return null;
    }

    /// <summary>What one batch holds.</summary>
    internal sealed class Hold(BatchBudget budget, long bytes)
    {
        private long _heldBytes = bytes;

        /// <summary>Gives it back; it is no error that it was given back before.</summary>
        internal void Release() => Interlocked.Add(ref budget._usedBytes, -Interlocked.Exchange(ref _heldBytes, 0));
    }
}
