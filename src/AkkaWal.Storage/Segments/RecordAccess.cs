using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// Records of one segment by offset: one read each, found through the positions in O(1), verified, and never served
/// otherwise. Over a segment that no longer changes it may be used from any thread; over the active one by its owner.
/// </summary>
internal sealed class RecordAccess(IWalFile file, SegmentHeader header, SegmentPositions positions, Watermark end)
{
    // What one read takes at most, a single larger record aside: one array holds no more than 2 GiB, frames included.
    private const long MaxBlockBytes = 1 << 30;

    private readonly uint _saltState = Frame.SaltState(header.Salt);

    /// <summary>The end of what may be read.</summary>
    internal Watermark End { get; set; } = end;

    /// <summary>A record's payload.</summary>
    /// <exception cref="WalDamagedException">Its bytes do not match their checksum.</exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal byte[] Read(long offset) =>
        TryRead(offset, Around(offset)) ?? (positions.TryMend() ? TryRead(offset, Around(offset)) : null) ?? Walk(offset) ?? throw Damaged(offset);

    /// <summary>Where a record's frame is by the index, and its payload's size.</summary>
    /// <exception cref="WalDamagedException">The index does not reach it and the log is damaged before it.</exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal (long Position, int PayloadBytes) Locate(long offset)
    {
        var place = Around(offset);
        if (!positions.IsVerified && TryRead(offset, place) is null && positions.TryMend()) place = Around(offset);
        return place.Position >= 0 ? (place.Position, (int)(place.NextPosition - place.Position - Frame.HeaderBytes)) : throw Damaged(offset);
    }

    /// <summary>
    /// Adds payloads from an offset on to a list, with one read for all: until a limit, the end of the segment, or before a
    /// damaged record.
    /// </summary>
    /// <returns>Whether it went as far as the limits and the segment allow; false before a damaged record.</returns>
    /// <exception cref="WalDamagedException">The first record is damaged.</exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal bool ReadBatch(long offset, int maxRecords, long maxBytes, List<ReadOnlyMemory<byte>> payloads)
    {
        var before = payloads.Count;
        var (start, end) = Around(offset);
        if (start >= 0 && FrameReader.IsFrameSize(end - start))
        {
            var next = BatchEnd(offset, start, maxRecords, maxBytes);
            var block = new byte[Math.Max(PositionOf(next) - start, end - start)];
            AddFrames(block.AsMemory(0, file.Read(start, block)), offset, next, payloads);
            if (payloads.Count - before == next - offset) return true;
        }
        if (positions.TryMend())
        {
            payloads.RemoveRange(before, payloads.Count - before);
            return ReadBatch(offset, maxRecords, maxBytes, payloads);
        }
        if (payloads.Count > before) return false;
        payloads.Add(Walk(offset) ?? throw Damaged(offset));
        return true;
    }

    /// <summary>Reads whole frames as they lie in the log.</summary>
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
    internal long PositionOf(long offset) => offset < End.NextOffset && Record(offset) < positions.Count ? positions[Record(offset)] : End.EndPosition;

    // Where a record's frame starts and ends by the index; where it starts is -1 where that does not reach it.
    private (long Position, long NextPosition) Around(long offset)
    {
        var (position, next) = positions.Around(Record(offset));
        return (position, next >= 0 && offset + 1 < End.NextOffset ? next : End.EndPosition);
    }

    private byte[]? TryRead(long offset, (long Position, long NextPosition) place) =>
        place.Position >= 0 ? FrameReader.TryRead(file, _saltState, offset, place.Position, place.NextPosition) : null;

    // How far a batch goes within its limits, the first record aside.
    private long BatchEnd(long offset, long start, int maxRecords, long maxBytes)
    {
        bool Fits(long next) => PositionOf(next) - start is var bytes && bytes <= MaxBlockBytes && bytes - (next - offset) * Frame.HeaderBytes <= maxBytes;

        var (fits, tooFar) = (offset + 1, Math.Min(offset + maxRecords, End.NextOffset) + 1);
        for (var next = tooFar - 1; tooFar - fits > 1; next = fits + (tooFar - fits) / 2)
        {
            if (Fits(next)) fits = next;
            else tooFar = next;
        }
        return fits;
    }

    private void AddFrames(ReadOnlyMemory<byte> block, long offset, long nextOffset, List<ReadOnlyMemory<byte>> payloads)
    {
        for (; offset < nextOffset && Frame.TryReadHeader(block.Span, out var header) && header.FrameBytes <= block.Length; offset++)
        {
            var payload = block[Frame.HeaderBytes..(int)header.FrameBytes];
            if (!Frame.Matches(header, payload.Span, _saltState, offset)) return;
            payloads.Add(payload);
            block = block[(int)header.FrameBytes..];
        }
    }

    private int Record(long offset) => (int)(offset - header.BaseOffset);

    // An index can be wrong where the log is right: it decides nothing alone.
    private byte[]? Walk(long offset) => FrameReader.TryWalk(file, header, _saltState, offset, End.EndPosition);

    private WalDamagedException Damaged(long offset) =>
        new(file.Path, PositionOf(offset), $"the frame of offset {offset}", "bytes that do not match their checksum");
}
