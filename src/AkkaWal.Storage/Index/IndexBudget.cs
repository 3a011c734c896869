using System.Diagnostics;

namespace AkkaWal.Storage.Index;

/// <summary>
/// How much memory the indexes of sealed segments may take together. Positions that were found in a log without an
/// index can't be read again from a file; they count, but are kept even beyond the limit. For any number of threads.
/// </summary>
internal sealed class IndexBudget(long maxBytes)
{
    private long _usedBytes;
    private long _refusals;

    internal long UsedBytes => Interlocked.Read(ref _usedBytes);

    /// <summary>How often there was no room since <see cref="ResetRefusals"/>.</summary>
    internal long Refusals => Interlocked.Read(ref _refusals);

    /// <summary>Whether there is room now. Another thread may take it at once.</summary>
    internal bool HasRoomFor(long bytes) => UsedBytes + bytes <= maxBytes;

    /// <summary>Reserves memory where there is room; counts a refusal where there is none.</summary>
    internal bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref _usedBytes, bytes) <= maxBytes) return true;
        Release(bytes);
        Interlocked.Increment(ref _refusals);
        return false;
    }

    /// <summary>Reserves memory whether there is room or not. A negative number releases some.</summary>
    internal void Reserve(long bytes) => Interlocked.Add(ref _usedBytes, bytes);

    internal void Release(long bytes)
    {
        var left = Interlocked.Add(ref _usedBytes, -bytes);
        Debug.Assert(left >= 0, "only reserved memory is released");
    }

    /// <summary>Starts to count refusals anew.</summary>
    internal void ResetRefusals() => Interlocked.Exchange(ref _refusals, 0);
}
