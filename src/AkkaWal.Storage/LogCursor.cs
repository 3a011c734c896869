using AkkaWal.Storage.Frames;

namespace AkkaWal.Storage;

/// <summary>
/// Scans a log in order and verifies each record. One read of the file serves many records, and no object is allocated
/// for a record. In a long segment a thread of the pool reads ahead. The cursor holds up to 2 MiB, and more only for a
/// larger record. For one thread. It stops at the end of the log, and goes on from there when it is asked again.
/// </summary>
public sealed class LogCursor : IDisposable
{
    private readonly Opener _open;
    private SegmentWalk? _walk;
    private long _next;

    /// <param name="open">Opens the segment that holds an offset, at that offset; null at the end of the log.</param>
    /// <param name="offset">Where to start.</param>
    internal LogCursor(Opener open, long offset) => (_open, _next) = (open, offset);

    /// <summary>
    /// Opens the segment that holds an offset, at that offset. In a gap it moves the offset to the gap's end.
    /// </summary>
    internal delegate SegmentWalk? Opener(ref long offset);

    /// <summary>The current record's offset. Valid after a step that returned true.</summary>
    public long Offset => _walk is { } walk ? walk.Frames.Offset : _next - 1;

    /// <summary>
    /// The current record's payload. Valid after a step that returned true, until the next step or the disposal: the
    /// memory is used again.
    /// </summary>
    public ReadOnlySpan<byte> Payload => _walk is { } walk ? walk.Frames.Payload : default;

    /// <summary>Steps to the next record.</summary>
    /// <returns>False at the end of the log.</returns>
    /// <exception cref="WalDamagedException">The record's bytes do not match their checksum.</exception>
    /// <exception cref="WalNotFoundException">The offset lies in a gap, and gaps stop the scan.</exception>
    /// <exception cref="WalFaultException">A segment is missing, foreign or of a newer version.</exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    public bool MoveNext() => (_walk is { } walk && walk.Frames.MoveNext()) || MoveToNextSegment();

    // A method of its own, so that MoveNext stays short enough to be inlined.
    private bool MoveToNextSegment()
    {
        while (true)
        {
            if (_walk is { } walk)
            {
                _next = walk.Frames.Offset;
                if (walk.Frames.Position < walk.EndPosition)
                {
                    var found = walk.Frames.Fault ?? "the end of the file";
                    var (position, expected) = (walk.Frames.Position, $"the frame of offset {_next}");
                    throw new WalDamagedException(walk.Path, position, expected, found);
                }
                Dispose();
            }
            if ((_walk = _open(ref _next)) is null) return false;
            if (_walk.Frames.MoveNext()) return true;
        }
    }

    /// <summary>Closes the current segment and returns its memory; waits for a read-ahead that is under way.</summary>
    public void Dispose()
    {
        _walk?.Dispose();
        _walk = null;
    }
}
