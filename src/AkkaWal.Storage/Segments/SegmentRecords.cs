using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// Reads records of one segment by offset. Positions are found in O(1); each record is verified, and no bad one is
/// returned. Any thread may use it on a segment that no longer changes, or up to an end that was committed; on the
/// growing part of the active segment only its owner. A position from the index counts as right once a frame was found
/// there, or once the whole index was checked.
/// </summary>
internal sealed class SegmentRecords(IWalFile file, SegmentHeader header, SegmentPositions positions, Watermark end)
{
    // The largest read of several records, because an array holds less than 2 GiB.
    private const long MaxBlockBytes = 1 << 30;

    private const int LargeFrameBytes = 64 << 10;

    private readonly uint _saltState = Frame.SaltState(header.Salt);

    /// <summary>The end of the records that may be read.</summary>
    internal Watermark End { get; set; } = end;

    /// <summary>The payload of a record.</summary>
    /// <exception cref="WalDamagedException">The record's bytes do not match their checksum.</exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal byte[] Read(long offset) =>
        TryRead(offset, PlaceOf(offset)) ?? ReadVerified(offset) ?? Walk(offset) ?? throw Damaged(offset);

    /// <summary>The position of a record's frame by the index, and the size of its payload.</summary>
    /// <exception cref="WalDamagedException">
    /// The index does not have the record, and the log is damaged before it.
    /// </exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal (long Position, int PayloadBytes) Locate(long offset)
    {
        var wasVerified = positions.IsVerified;
        var place = PlaceOf(offset);
        if (!wasVerified && TryRead(offset, place) is null)
        {
            positions.Verify();
            place = PlaceOf(offset);
        }
        return IsPlace(place)
            ? (place.Position, (int)(place.NextPosition - place.Position - Frame.HeaderBytes))
            : throw Damaged(offset);
    }

    /// <summary>
    /// Adds payloads from an offset on to a list, with one read of the log for all of them. It stops at a limit, at the
    /// end of the segment, or before a damaged record.
    /// </summary>
    /// <returns>
    /// True where it stopped at a limit or at the end, and where it added the one record that the index does not have.
    /// False where it stopped before a damaged record.
    /// </returns>
    /// <exception cref="WalDamagedException">The first record is damaged.</exception>
    /// <exception cref="WalIOException">The platform could not read the first one.</exception>
    internal bool ReadBatch(long offset, int maxRecords, long maxBytes, List<ReadOnlyMemory<byte>> payloads)
    {
        var wasVerified = positions.IsVerified;
        var before = payloads.Count;
        var place = PlaceOf(offset);
        if (IsPlausible(place))
        {
            var (next, endPosition) = BatchEnd(offset, place, maxRecords, maxBytes);
            // While the index is not verified, also read the next frame's header, to see whether the batch ends too
            // early.
            var followingBytes = wasVerified || next - offset == maxRecords
                ? 0
                : Math.Min(Frame.HeaderBytes, End.EndPosition - endPosition);
            var block = new byte[endPosition + followingBytes - place.Position];
            var read = block.AsMemory(0, file.Read(place.Position, block));
            if (TryAddFrames(read, offset, next, maxBytes, payloads)) return true;
        }
        var count = payloads.Count - before;
        if (!wasVerified && TryVerify(isFirst: count == 0))
        {
            payloads.RemoveRange(before, count);
            return ReadBatch(offset, maxRecords, maxBytes, payloads);
        }
        if (count > 0) return false;
        payloads.Add(Walk(offset) ?? throw Damaged(offset));
        return true;
    }

    /// <summary>How many bytes of the file a read takes, by the positions alone.</summary>
    /// <param name="offset">The first record.</param>
    /// <param name="maxRecords">As in <see cref="ReadBatch"/>; 1 for a single record.</param>
    /// <param name="maxBytes">As in <see cref="ReadBatch"/>.</param>
    internal long BytesOf(long offset, int maxRecords, long maxBytes)
    {
        var start = PositionOf(offset);
        var allBytes = PositionOf(Math.Min(offset + maxRecords, End.NextOffset)) - start;
        return Math.Min(allBytes, Math.Max(maxBytes, PositionOf(offset + 1) - start));
    }

    /// <summary>Reads whole frames as they lie in the log. The positions must have been verified.</summary>
    /// <param name="offset">The offset of the first frame.</param>
    /// <param name="nextOffset">The offset that follows the last frame.</param>
    /// <param name="frames">A span of exactly the frames' size.</param>
    /// <exception cref="WalDamagedException">A frame is damaged.</exception>
    internal void ReadFrames(long offset, long nextOffset, Span<byte> frames)
    {
        var start = PositionOf(offset);
        var count = file.Read(start, frames);
        for (; offset < nextOffset; offset++)
        {
            var (first, behind) = ((int)(PositionOf(offset) - start), (int)(PositionOf(offset + 1) - start));
            if (behind > count
                || behind - first < Frame.HeaderBytes
                || !FrameReader.IsFrame(frames[first..behind], _saltState, offset))
                throw Damaged(offset);
        }
    }

    /// <summary>
    /// The position of a record's frame; the end of the segment for a record that the index does not have.
    /// </summary>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal long PositionOf(long offset) =>
        offset < End.NextOffset && positions.Around(Record(offset)).Position is >= 0 and var position
            ? position
            : End.EndPosition;

    // The start and the end of a record's frame by the index. The start is -1 where the index does not have the record.
    private (long Position, long NextPosition) PlaceOf(long offset)
    {
        var (position, next) = positions.Around(Record(offset));
        if (offset + 1 >= End.NextOffset) return (position, End.EndPosition);
        return (position, next >= 0 || position < 0 ? next : position + FrameBytesAt(position));
    }

    // Where a walk of the log broke off, only the last frame's own header tells its length.
    private long FrameBytesAt(long position)
    {
        Span<byte> head = stackalloc byte[Frame.HeaderBytes];
        return file.Read(position, head) == head.Length && Frame.TryReadHeader(head, out var header)
            ? header.FrameBytes
            : 0;
    }

    private static bool IsPlace((long Position, long NextPosition) place) =>
        place.Position >= 0 && FrameReader.IsFrameSize(place.NextPosition - place.Position);

    // One wrong bit in an index must not cost a read of half a gigabyte: a large frame's header is checked first.
    private bool IsPlausible((long Position, long NextPosition) place)
    {
        if (!IsPlace(place)) return false;
        if (place.NextPosition - place.Position <= LargeFrameBytes || positions.IsVerified) return true;
        return FrameBytesAt(place.Position) == place.NextPosition - place.Position;
    }

    private byte[]? TryRead(long offset, (long Position, long NextPosition) place) =>
        IsPlausible(place) ? FrameReader.TryRead(file, _saltState, offset, place.Position, place.NextPosition) : null;

    private byte[]? ReadVerified(long offset)
    {
        positions.Verify();
        return TryRead(offset, PlaceOf(offset));
    }

    // Where the index can't be read, the records that were read so far are still an answer.
    private bool TryVerify(bool isFirst)
    {
        try
        {
            positions.Verify();
            return true;
        }
        catch (WalIOException) when (!isFirst)
        {
            return false;
        }
    }

    // How far a batch goes within its limits, and the position of its end. The first record is always in it.
    private (long NextOffset, long EndPosition) BatchEnd(
        long offset, (long Position, long NextPosition) first, int maxRecords, long maxBytes)
    {
        var fits = (NextOffset: offset + 1, EndPosition: first.NextPosition);
        var tooFar = Math.Min(offset + maxRecords, End.NextOffset) + 1;
        // A binary search: fits is within the limits, tooFar is not. The first guess is all that maxRecords allows.
        var next = tooFar - 1;
        for (; tooFar - fits.NextOffset > 1; next = fits.NextOffset + (tooFar - fits.NextOffset) / 2)
        {
            var end = PositionOf(next);
            var bytes = end - first.Position;
            var payloadBytes = bytes - (next - offset) * Frame.HeaderBytes;
            if (end > fits.EndPosition && bytes <= MaxBlockBytes && payloadBytes <= maxBytes) fits = (next, end);
            else tooFar = next;
        }
        return fits;
    }

    /// <returns>
    /// Whether the block starts with all of the frames, and the limit allows no frame that follows them in the block.
    /// False where the index was wrong or a frame is damaged.
    /// </returns>
    private bool TryAddFrames(
        ReadOnlyMemory<byte> block, long offset, long nextOffset, long maxBytes, List<ReadOnlyMemory<byte>> payloads)
    {
        for (var isFirst = true; offset < nextOffset; offset++, isFirst = false)
        {
            if (!Frame.TryReadHeader(block.Span, out var header)
                || header.FrameBytes > block.Length
                || (!isFirst && header.PayloadBytes > maxBytes))
                return false;
            maxBytes -= header.PayloadBytes;
            var payload = block[Frame.HeaderBytes..(int)header.FrameBytes];
            if (!Frame.Matches(header, payload.Span, _saltState, offset)) return false;
            payloads.Add(payload);
            block = block[(int)header.FrameBytes..];
        }
        return !Frame.TryReadHeader(block.Span, out var following) || following.PayloadBytes > maxBytes;
    }

    private int Record(long offset) => (int)(offset - header.BaseOffset);

    // Finds the frame without the index, which can be wrong where the log is right.
    private byte[]? Walk(long offset) => FrameReader.TryWalk(file, header, _saltState, offset, End.EndPosition);

    private WalDamagedException Damaged(long offset) =>
        new(file.Path, PositionOf(offset), $"the frame of offset {offset}", "bytes that do not match their checksum");
}
