using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Frames;

/// <summary>A walk through one segment's records, which reads ahead where it is long.</summary>
/// <param name="log">The file; disposed with the walk.</param>
/// <param name="saltState">What the checksums begin with.</param>
/// <param name="start">Where to begin.</param>
/// <param name="endPosition">Where the last frame must end.</param>
internal sealed class SegmentWalk(IWalFile log, uint saltState, Watermark start, long endPosition) : IDisposable
{
    /// <summary>The frames.</summary>
    internal FrameScanner Frames { get; } = new(log, saltState, start, endPosition, readsAhead: true);

    /// <summary>The file, for people.</summary>
    internal string Path => log.Path;

    /// <summary>Where the last frame must end.</summary>
    internal long EndPosition => endPosition;

    public void Dispose()
    {
        Frames.Dispose();
        log.Dispose();
    }
}
