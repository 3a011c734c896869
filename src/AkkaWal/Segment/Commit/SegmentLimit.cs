namespace AkkaWal.Segment.Commit;

/// <summary>
/// The size limit in force for a log. Set by the actor of the active segment, which takes such requests in their order
/// among the appends; read by the manager when it starts one. Outlives restarts of both.
/// </summary>
internal sealed class SegmentLimit(long bytes)
{
    private long _bytes = bytes;

    internal long Bytes
    {
        get => Volatile.Read(ref _bytes);
        set => Volatile.Write(ref _bytes, value);
    }
}
