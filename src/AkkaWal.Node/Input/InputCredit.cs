namespace AkkaWal.Node.Input;

/// <summary>
/// Limits how much input is on its way to the bridge. The reader takes credit before it sends a block. The bridge gives
/// it back when it has begun the block's last request, so a bridge without room stops the reader.
/// </summary>
/// <remarks>
/// Taken by one thread, given by another. A block that is larger than the limit passes when no other one is on its way.
/// </remarks>
internal sealed class InputCredit(long limitBytes)
{
    private readonly object _gate = new();
    private long _takenBytes;

    /// <summary>Waits until there is credit.</summary>
    public void Take(long bytes)
    {
        lock (_gate)
        {
            while (_takenBytes > 0 && _takenBytes + bytes > limitBytes) Monitor.Wait(_gate);
            _takenBytes += bytes;
        }
    }

    /// <summary>Gives back what was taken.</summary>
    public void Give(long bytes)
    {
        lock (_gate)
        {
            _takenBytes -= bytes;
            Monitor.Pulse(_gate);
        }
    }
}
