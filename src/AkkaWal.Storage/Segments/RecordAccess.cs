using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// Records of one segment by offset: one read each, found through the position table in O(1), verified, and never served
/// otherwise. Over a segment that no longer changes it may be used from any thread; over the active one by its owner.
/// </summary>
internal sealed class RecordAccess(IWalFile file, SegmentHeader header, PositionTable positions, Watermark end)
{
    // What one read takes at most, a single larger record aside: one array holds no more than 2 GiB, frames included.
    private const long MaxBlockBytes = 1 << 30;

    private readonly uint _saltState = Frame.SaltState(header.Salt);

    /// <summary>The end of what may be read.</summary>
    internal Watermark End { get; set; } = end;

    /// <summary>A record's payload.</summary>
    /// <exception cref="WalDamagedException">Its bytes do not match their checksum.</exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal byte[] Read(long offset)
    {
        if (Record(offset) < positions.Count
            && FrameReader.TryRead(file, _saltState, offset, PositionOf(offset), PositionOf(offset + 1)) is { } payload) return payload;
        return Walk(offset) ?? throw Damaged(offset);
    }

    /// <summary>Where a record's frame is by the index, and its payload's size.</summary>
    /// <exception cref="WalDamagedException">The index does not reach it and the log is damaged before it.</exception>
    internal (long Position, int PayloadBytes) Locate(long offset)
    {
        if (Record(offset) >= positions.Count) throw Damaged(offset);
        var position = PositionOf(offset);
        return (position, (int)(PositionOf(offset + 1) - position - Frame.HeaderBytes));
    }

    /// <summary>
    /// Adds payloads from an offset on to a list, with one read for all: until a limit, the end of the segment, or before a
    /// damaged record.
    /// </summary>
    /// <returns>Whether it went as far as the limits and the segment allow; false before a damaged record.</returns>
    /// <exception cref="WalDamagedException">The first record is damaged.</exception>
    internal bool ReadBatch(long offset, int maxRecords, long maxBytes, List<ReadOnlyMemory<byte>> payloads)
    {
        if (Record(offset) >= positions.Count)
        {
            payloads.Add(Walk(offset) ?? throw Damaged(offset));
            return true;
        }
        var start = PositionOf(offset);
        var next = offset + 1;
        while (next < End.NextOffset && Record(next) < positions.Count && next - offset < maxRecords
            && PositionOf(next + 1) - start <= MaxBlockBytes
            && PositionOf(next + 1) - start - (next + 1 - offset) * Frame.HeaderBytes <= maxBytes) next++;
        var block = new byte[checked((int)(PositionOf(next) - start))];
        var count = file.Read(start, block);
        for (var at = offset; at < next; at++)
        {
            var first = (int)(PositionOf(at) - start);
            var behind = (int)(PositionOf(at + 1) - start);
            if (behind <= count && behind - first >= Frame.HeaderBytes && FrameReader.IsFrame(block.AsSpan(first, behind - first), _saltState, at))
                payloads.Add(block.AsMemory(first + Frame.HeaderBytes, behind - first - Frame.HeaderBytes));
            else if (Walk(at) is { } payload) payloads.Add(payload);
            else if (at == offset) throw Damaged(at);
            else return false;
        }
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

    private int Record(long offset) => (int)(offset - header.BaseOffset);

    /// <summary>Where a record's frame starts; the end of the segment for whatever the index does not reach.</summary>
    internal long PositionOf(long offset) => offset < End.NextOffset && Record(offset) < positions.Count ? positions[Record(offset)] : End.EndPosition;

    // An index can be wrong where the log is right: it decides nothing alone.
    private byte[]? Walk(long offset) => FrameReader.TryWalk(file, header, _saltState, offset, End.EndPosition);

    private WalDamagedException Damaged(long offset) =>
        new(file.Path, PositionOf(offset), $"the frame of offset {offset}", "bytes that do not match their checksum");
}
