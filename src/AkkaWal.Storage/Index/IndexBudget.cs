namespace AkkaWal.Storage.Index;

/// <summary>
/// How much memory the indexes of sealed segments may take together; what can't be read from a file again, as it was found in a log without
/// an index, comes on top. For any number of threads.
/// </summary>
internal sealed class IndexBudget(long maxBytes)
{
    private long _usedBytes;
    private long _refusals;

    internal long UsedBytes => Interlocked.Read(ref _usedBytes);

    /// <summary>How often there was no room since they were last forgotten.</summary>
    internal long Refusals => Interlocked.Read(ref _refusals);

    /// <summary>Whether there is room now: others may take it meanwhile.</summary>
    internal bool HasRoomFor(long bytes) => UsedBytes + bytes <= maxBytes;

    internal bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _usedBytes, bytes) <= maxBytes) return true;
        Give(bytes);
        Interlocked.Increment(ref _refusals);
        return false;
    }

    /// <summary>Takes what can't be done without; gives back where it is negative.</summary>
    internal void Take(long bytes) => Interlocked.Add(ref _usedBytes, bytes);

    internal void Give(long bytes) => Interlocked.Add(ref _usedBytes, -bytes);

    /// <summary>Begins to count refusals anew.</summary>
    internal void ForgetRefusals() => Interlocked.Exchange(ref _refusals, 0);
}
