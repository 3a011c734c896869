namespace AkkaWal.Segment.Commit;

/// <summary>
/// The segment size limit of a log. Set by the active segment's actor, which handles such requests in their order among
/// the appends; read by the manager when it starts that actor. Survives the restarts of both.
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
