using System.Buffers.Binary;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Frames;

/// <summary>
/// Looks for a valid frame of a later offset behind a bad one. It tries every byte, since frames can start anywhere
/// there. A position is a candidate where a header fits, and another header, zeros or the end follow the frame. Only
/// candidates are checksummed. The offset comes last in a frame's checksum, so all offsets that the distance allows are
/// tried without reading the payload again.
/// </summary>
internal static class LaterFrameSearch
{
    private const int ChunkBytes = 1 << 20;

    /// <returns>The position of the first such frame at or behind a position; -1 where there is none.</returns>
    internal static long Find(IWalFile file, uint saltState, Watermark bad, long fromPosition, long endPosition)
    {
        var chunk = new byte[ChunkBytes];
        // Chunks overlap by a header less one byte, so that each header lies whole in one chunk.
        for (var at = fromPosition; at + Frame.HeaderBytes <= endPosition; at += ChunkBytes - Frame.HeaderBytes + 1)
        {
            var count = file.Read(at, chunk.AsSpan(0, (int)Math.Min(ChunkBytes, endPosition - at)));
            for (var i = 0; i + Frame.HeaderBytes <= count; i++)
            {
                if (chunk[i + 3] < 0x80) continue;
                Frame.TryReadHeader(chunk.AsSpan(i, Frame.HeaderBytes), out var header);
                if (IsLaterFrame(file, saltState, bad, at + i, header, endPosition)) return at + i;
            }
        }
        return -1;
    }

    private static bool IsLaterFrame(
        IWalFile file, uint saltState, Watermark bad, long position, FrameHeader header, long endPosition)
    {
        var next = position + header.FrameBytes;
        if (header.PayloadBytes > Frame.MaxPayloadBytes || next > endPosition || !CanFollow(file, next, endPosition))
            return false;
        var payload = new byte[header.PayloadBytes];
        if (file.Read(position + Frame.HeaderBytes, payload) < payload.Length) return false;
        var state = Frame.PayloadState(saltState, header.Stored, payload);
        var lastOffset = bad.NextOffset + (position - bad.EndPosition) / Frame.HeaderBytes;
        for (var offset = bad.NextOffset + 1; offset <= lastOffset; offset++)
            if (Frame.ChecksumOf(state, offset) == header.Checksum) return true;
        return false;
    }

    private static bool CanFollow(IWalFile file, long position, long endPosition)
    {
        if (position == endPosition) return true;
        Span<byte> head = stackalloc byte[Frame.HeaderBytes];
        var count = file.Read(position, head[..(int)Math.Min(head.Length, endPosition - position)]);
        return count < head.Length
            || BinaryPrimitives.ReadUInt64LittleEndian(head) == 0
            || (Frame.TryReadHeader(head, out var header) && header.PayloadBytes <= Frame.MaxPayloadBytes);
    }
}
