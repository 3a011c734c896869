namespace AkkaWal.Node.Input;

/// <summary>
/// How much input may be on its way to the bridge. The reader takes credit before it sends a block, and the bridge gives it
/// back when it has begun the block's last request: so a bridge that has no room stops the reader.
/// </summary>
/// <remarks>Taken by one thread, given by another. Something larger than the whole credit passes when nothing else is on its way.</remarks>
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
