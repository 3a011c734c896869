using AkkaWal.Storage.Frames;

namespace AkkaWal.Storage;

/// <summary>
/// Walks a log in order, each record verified, with one read for many and no object for any; where it is long, a thread of the pool reads
/// ahead. It holds up to 2 MiB, and a record that is larger. For one thread; ends at what was the end when it got there, and goes on from there when it is asked again.
/// </summary>
public sealed class LogCursor : IDisposable
{
    private readonly Opener _open;
    private SegmentWalk? _walk;
    private long _next;

    /// <param name="open">Opens the segment that holds an offset, from there on; null where nothing is there yet.</param>
    /// <param name="offset">Where to start.</param>
    internal LogCursor(Opener open, long offset) => (_open, _next) = (open, offset);

    /// <summary>Opens the segment that holds an offset, from there on; moves the offset where it goes on behind a gap.</summary>
    internal delegate SegmentWalk? Opener(ref long offset);

    /// <summary>The current record's offset; legal after a step that succeeded.</summary>
    public long Offset => _walk is { } walk ? walk.Frames.Offset : _next - 1;

    /// <summary>The current record's bytes, which hold until the next step or the disposal: their memory serves others then. Legal after a step that succeeded.</summary>
    public ReadOnlySpan<byte> Payload => _walk is { } walk ? walk.Frames.Payload : default;

    /// <summary>Steps to the next record.</summary>
    /// <returns>False at the end of the log.</returns>
    /// <exception cref="WalDamagedException">The record's bytes do not match their checksum.</exception>
    /// <exception cref="WalNotFoundException">The log does not hold the offset: it was deleted, and the scan is to stop there.</exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    public bool MoveNext() => (_walk is { } walk && walk.Frames.MoveNext()) || MoveToNextSegment();

    // Apart, so that what every record goes through is short.
    private bool MoveToNextSegment()
    {
        while (true)
        {
            if (_walk is { } walk)
            {
                _next = walk.Frames.Offset;
                if (walk.Frames.Position < walk.EndPosition)
                    throw new WalDamagedException(walk.Path, walk.Frames.Position, $"the frame of offset {_next}", walk.Frames.Fault ?? "the end of the file");
                Dispose();
            }
            if ((_walk = _open(ref _next)) is null) return false;
            if (_walk.Frames.MoveNext()) return true;
        }
    }

    /// <summary>Lets go of the segment that it is in, and of its memory; waits for a read ahead that is under way.</summary>
    public void Dispose()
    {
        _walk?.Dispose();
        _walk = null;
    }
}
