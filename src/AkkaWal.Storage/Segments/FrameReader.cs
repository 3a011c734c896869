using System.Runtime.CompilerServices;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;

namespace AkkaWal.Storage.Segments;

/// <summary>Reads one frame by its position. It reads no more than the frame.</summary>
internal static class FrameReader
{
    /// <summary>
    /// The payload of the frame between two positions; null where the bytes are not the frame of that offset.
    /// </summary>
    // SkipLocalsInit: to clear the stack buffer would cost as much as the checksum. It is overwritten before it is
    // read.
    [SkipLocalsInit]
    internal static byte[]? TryRead(IWalFile file, uint saltState, long offset, long position, long nextPosition)
    {
        var frameBytes = nextPosition - position;
        if (!IsFrameSize(frameBytes)) return null;
        Span<byte> small = stackalloc byte[SmallFrameBytes];
        if (frameBytes <= SmallFrameBytes)
        {
            var frame = small[..(int)frameBytes];
            return file.Read(position, frame) == frame.Length && IsFrame(frame, saltState, offset)
                ? frame[Frame.HeaderBytes..].ToArray()
                : null;
        }
        // A large payload is read into the array that is returned, which saves a copy. Not from a compressed file: that
        // would decompress the block for each of the two reads.
        if (frameBytes > LargeFrameBytes && file is not CompressedLogFile)
            return TryReadLarge(file, saltState, offset, position, frameBytes);
        var large = ScanBuffers.Rent((int)frameBytes);
        try
        {
            var frame = large.AsSpan(0, (int)frameBytes);
            return file.Read(position, frame) == frame.Length && IsFrame(frame, saltState, offset)
                ? frame[Frame.HeaderBytes..].ToArray()
                : null;
        }
        finally
        {
            ScanBuffers.Return(large);
        }
    }

    private static byte[]? TryReadLarge(IWalFile file, uint saltState, long offset, long position, long frameBytes)
    {
        Span<byte> head = stackalloc byte[Frame.HeaderBytes];
        if (file.Read(position, head) < head.Length
            || !Frame.TryReadHeader(head, out var header)
            || header.FrameBytes != frameBytes)
            return null;
        var payload = GC.AllocateUninitializedArray<byte>(header.PayloadBytes);
        return file.Read(position + head.Length, payload) == payload.Length
            && Frame.Matches(header, payload, saltState, offset)
                ? payload
                : null;
    }

    /// <summary>Whether a frame can have that many bytes.</summary>
    internal static bool IsFrameSize(long bytes) =>
        bytes >= Frame.HeaderBytes && bytes <= Frame.SizeOf(Frame.MaxPayloadBytes);

    private const int SmallFrameBytes = 1024, LargeFrameBytes = 256 << 10;

    /// <summary>Whether a span is exactly the frame of an offset.</summary>
    internal static bool IsFrame(ReadOnlySpan<byte> frame, uint saltState, long offset) =>
        Frame.TryReadHeader(frame, out var header)
        && header.FrameBytes == frame.Length
        && Frame.Matches(header, frame[Frame.HeaderBytes..], saltState, offset);

    /// <summary>
    /// Finds a frame without the index, by the lengths of the frames before it. A wrong position in the index is no
    /// damage of the log as long as this finds the frame. Null where a frame before it is broken or the frame itself is
    /// bad.
    /// </summary>
    internal static byte[]? TryWalk(IWalFile file, SegmentHeader segment, uint saltState, long offset, long endPosition)
    {
        Span<byte> head = stackalloc byte[Frame.HeaderBytes];
        long position = SegmentHeader.SizeBytes;
        for (var at = segment.BaseOffset; position < endPosition; at++)
        {
            if (file.Read(position, head) < head.Length || !Frame.TryReadHeader(head, out var header)) return null;
            var next = position + header.FrameBytes;
            if (next > endPosition) return null;
            if (at == offset) return TryRead(file, saltState, offset, position, next);
            position = next;
        }
        return null;
    }
}
