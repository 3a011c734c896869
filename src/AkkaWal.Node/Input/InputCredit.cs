namespace AkkaWal.Node.Input;

/// <summary>
/// Limits how much input is on its way to the bridge. The reader reserves credit before it sends a block. The bridge
/// releases it when it has begun the block's last request, so a bridge without room stops the reader.
/// </summary>
/// <remarks>
/// Reserved by one thread, released by another. A block that is larger than the limit passes when no other one is on
/// its way.
/// </remarks>
internal sealed class InputCredit(long limitBytes)
{
    private readonly object _gate = new();
    private long _reservedBytes;

    /// <summary>Waits until there is credit.</summary>
    public void Reserve(long bytes)
    {
        lock (_gate)
        {
            while (_reservedBytes > 0 && _reservedBytes + bytes > limitBytes) Monitor.Wait(_gate);
            _reservedBytes += bytes;
        }
    }

    /// <summary>Gives back what was reserved.</summary>
    public void Release(long bytes)
    {
        lock (_gate)
        {
            _reservedBytes -= bytes;
            Monitor.Pulse(_gate);
        }
    }
}
