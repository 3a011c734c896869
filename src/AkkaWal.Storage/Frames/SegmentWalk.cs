using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Frames;

/// <summary>A scan of one segment's records, with read-ahead where it is long.</summary>
/// <param name="log">The file. It is disposed with the scan.</param>
/// <param name="saltState">The checksum's state after the salt (<see cref="Frame.SaltState"/>).</param>
/// <param name="start">The first frame's offset and position.</param>
/// <param name="endPosition">Where the last frame must end.</param>
internal sealed class SegmentWalk(IWalFile log, uint saltState, Watermark start, long endPosition) : IDisposable
{
    /// <summary>The frames.</summary>
    internal FrameScanner Frames { get; } = new(log, saltState, start, endPosition, readsAhead: true);

    /// <summary>The file, for operators.</summary>
    internal string Path => log.Path;

    /// <summary>Where the last frame must end.</summary>
    internal long EndPosition => endPosition;

    public void Dispose()
    {
        Frames.Dispose();
        log.Dispose();
    }
}
