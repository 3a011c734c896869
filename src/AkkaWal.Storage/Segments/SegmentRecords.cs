using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// Records of one segment by offset: one read each, found through the positions in O(1), verified, and never served
/// otherwise. Over a segment that no longer changes it may be used from any thread; over the active one by its owner. What
/// the index says is believed once a frame is found there, or all of it has been checked.
/// </summary>
internal sealed class SegmentRecords(IWalFile file, SegmentHeader header, SegmentPositions positions, Watermark end)
{
    // What one read takes at most, a single larger record aside: one array holds no more than 2 GiB, frames included.
    private const long MaxBlockBytes = 1 << 30;

    private const int LargeFrameBytes = 64 << 10;

    private readonly uint _saltState = Frame.SaltState(header.Salt);

    /// <summary>The end of what may be read.</summary>
    internal Watermark End { get; set; } = end;

    /// <summary>A record's payload.</summary>
    /// <exception cref="WalDamagedException">Its bytes do not match their checksum.</exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal byte[] Read(long offset) => TryRead(offset, Around(offset)) ?? ReadVerified(offset) ?? Walk(offset) ?? throw Damaged(offset);

    /// <summary>Where a record's frame is by the index, and its payload's size.</summary>
    /// <exception cref="WalDamagedException">The index does not reach it and the log is damaged before it.</exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal (long Position, int PayloadBytes) Locate(long offset)
    {
        var wasVerified = positions.IsVerified;
        var place = Around(offset);
        if (!wasVerified && TryRead(offset, place) is null)
        {
            positions.Verify();
            place = Around(offset);
        }
        return IsPlace(place) ? (place.Position, (int)(place.NextPosition - place.Position - Frame.HeaderBytes)) : throw Damaged(offset);
    }

    /// <summary>
    /// Adds payloads from an offset on to a list, with one read of the log for all: until a limit, the end of the segment, or before a
    /// damaged record.
    /// </summary>
    /// <returns>Whether it went as far as the limits and the segment allow, or added a single record that the index does not tell of; false before a damaged one.</returns>
    /// <exception cref="WalDamagedException">The first record is damaged.</exception>
    /// <exception cref="WalIOException">The platform could not read the first one.</exception>
    internal bool ReadBatch(long offset, int maxRecords, long maxBytes, List<ReadOnlyMemory<byte>> payloads)
    {
        var wasVerified = positions.IsVerified;
        var before = payloads.Count;
        var place = Around(offset);
        if (IsPlausible(place))
        {
            var (next, endPosition) = BatchEnd(offset, place, maxRecords, maxBytes);
            // With what follows it, where an index that is not verified says that a limit ends it there.
            var followingBytes = wasVerified || next - offset == maxRecords ? 0 : Math.Min(Frame.HeaderBytes, End.EndPosition - endPosition);
            var block = new byte[endPosition + followingBytes - place.Position];
            if (TryAddFrames(block.AsMemory(0, file.Read(place.Position, block)), offset, next, maxBytes, payloads)) return true;
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
    /// <param name="maxRecords">As <see cref="ReadBatch"/>; 1 of a single record.</param>
    /// <param name="maxBytes">As <see cref="ReadBatch"/>.</param>
    internal long BytesOf(long offset, int maxRecords, long maxBytes)
    {
        var start = PositionOf(offset);
        var allBytes = PositionOf(Math.Min(offset + maxRecords, End.NextOffset)) - start;
        return Math.Min(allBytes, Math.Max(maxBytes, PositionOf(offset + 1) - start));
    }

    /// <summary>Reads whole frames as they lie in the log. Of positions that are verified.</summary>
    /// <param name="offset">The first one's.</param>
    /// <param name="nextOffset">The offset that follows the last one.</param>
    /// <param name="frames">Exactly as large as they are.</param>
    /// <exception cref="WalDamagedException">One of them is damaged.</exception>
    internal void ReadFrames(long offset, long nextOffset, Span<byte> frames)
    {
        var start = PositionOf(offset);
        var count = file.Read(start, frames);
        for (; offset < nextOffset; offset++)
        {
            var (first, behind) = ((int)(PositionOf(offset) - start), (int)(PositionOf(offset + 1) - start));
            if (behind > count || behind - first < Frame.HeaderBytes || !FrameReader.IsFrame(frames[first..behind], _saltState, offset)) throw Damaged(offset);
        }
    }

    /// <summary>Where a record's frame starts; the end of the segment for whatever the index does not reach.</summary>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal long PositionOf(long offset) =>
        offset < End.NextOffset && positions.Around(Record(offset)).Position is >= 0 and var position ? position : End.EndPosition;

    // Where a record's frame starts and ends by the index; where it starts is -1 where that does not tell.
    private (long Position, long NextPosition) Around(long offset)
    {
        var (position, next) = positions.Around(Record(offset));
        if (offset + 1 >= End.NextOffset) return (position, End.EndPosition);
        return (position, next >= 0 || position < 0 ? next : position + FrameBytesAt(position));
    }

    // Where a walk broke off, the last frame that it found tells itself how long it is.
    private long FrameBytesAt(long position)
    {
        Span<byte> head = stackalloc byte[Frame.HeaderBytes];
        return file.Read(position, head) == head.Length && Frame.TryReadHeader(head, out var header) ? header.FrameBytes : 0;
    }

    private static bool IsPlace((long Position, long NextPosition) place) =>
        place.Position >= 0 && FrameReader.IsFrameSize(place.NextPosition - place.Position);

    // One wrong bit in an index must not have half a gigabyte read in vain: of a large frame the header is looked at first.
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
        return TryRead(offset, Around(offset));
    }

    // What was read so far is an answer, where the index can't be read to say more.
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

    // How far a batch goes within its limits, the first record aside, and where that ends.
    private (long NextOffset, long EndPosition) BatchEnd(long offset, (long Position, long NextPosition) first, int maxRecords, long maxBytes)
    {
        var (fits, tooFar) = ((NextOffset: offset + 1, EndPosition: first.NextPosition), Math.Min(offset + maxRecords, End.NextOffset) + 1);
        for (var next = tooFar - 1; tooFar - fits.NextOffset > 1; next = fits.NextOffset + (tooFar - fits.NextOffset) / 2)
        {
            var end = PositionOf(next);
            var bytes = end - first.Position;
            if (end > fits.EndPosition && bytes <= MaxBlockBytes && bytes - (next - offset) * Frame.HeaderBytes <= maxBytes) fits = (next, end);
            else tooFar = next;
        }
        return fits;
    }

    /// <returns>Whether a block starts with all of the frames, and no other one follows in it that the limit allows: false where the index lied, or a frame is damaged.</returns>
    private bool TryAddFrames(ReadOnlyMemory<byte> block, long offset, long nextOffset, long maxBytes, List<ReadOnlyMemory<byte>> payloads)
    {
        for (var isFirst = true; offset < nextOffset; offset++, isFirst = false)
        {
            if (!Frame.TryReadHeader(block.Span, out var header) || header.FrameBytes > block.Length || (!isFirst && header.PayloadBytes > maxBytes)) return false;
            maxBytes -= header.PayloadBytes;
            var payload = block[Frame.HeaderBytes..(int)header.FrameBytes];
            if (!Frame.Matches(header, payload.Span, _saltState, offset)) return false;
            payloads.Add(payload);
            block = block[(int)header.FrameBytes..];
        }
        return !Frame.TryReadHeader(block.Span, out var following) || following.PayloadBytes > maxBytes;
    }

    private int Record(long offset) => (int)(offset - header.BaseOffset);

    // An index can be wrong where the log is right: it decides nothing alone.
    private byte[]? Walk(long offset) => FrameReader.TryWalk(file, header, _saltState, offset, End.EndPosition);

    private WalDamagedException Damaged(long offset) =>
        new(file.Path, PositionOf(offset), $"the frame of offset {offset}", "bytes that do not match their checksum");
}
