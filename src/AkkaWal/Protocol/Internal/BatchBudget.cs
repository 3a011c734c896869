using System.Diagnostics;

namespace AkkaWal.Protocol.Internal;

/// <summary>
/// Limits the payload bytes that batches hold while they go from segment to segment. A batch that gets no room is
/// answered with the records that it has. For any number of threads.
/// </summary>
/// <param name="maxBytes">The limit. A single batch may exceed it.</param>
internal sealed class BatchBudget(long maxBytes)
{
    private long _usedBytes;

    internal long UsedBytes => Interlocked.Read(ref _usedBytes);

    /// <summary>Reserves room; null if there is none. Release it once.</summary>
    internal Hold? TryReserve(long bytes)
    {
        var usedBytes = Interlocked.Add(ref _usedBytes, bytes);
        if (usedBytes <= maxBytes || usedBytes == bytes) return new Hold(this, bytes);
        Interlocked.Add(ref _usedBytes, -bytes);
        return null;
    }

    /// <summary>The room of one batch.</summary>
    internal sealed class Hold(BatchBudget budget, long bytes)
    {
        private long _heldBytes = bytes;

        /// <summary>Releases the room. A second call does nothing.</summary>
        internal void Release()
        {
            var left = Interlocked.Add(ref budget._usedBytes, -Interlocked.Exchange(ref _heldBytes, 0));
            Debug.Assert(left >= 0, "only reserved room is released");
        }
    }
}
