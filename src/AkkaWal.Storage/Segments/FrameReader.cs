using System.Runtime.CompilerServices;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;

namespace AkkaWal.Storage.Segments;

/// <summary>Reads one frame at a time by its position: one read, no more than the frame.</summary>
internal static class FrameReader
{
    /// <summary>Reads the frame between two positions; null where the bytes are not the frame of that offset.</summary>
    // Clearing the buffer on the stack would cost as much as the checksum: it is overwritten or not looked at.
    [SkipLocalsInit]
    internal static byte[]? TryRead(IWalFile file, uint saltState, long offset, long position, long nextPosition)
    {
        var frameBytes = nextPosition - position;
        if (!IsFrameSize(frameBytes)) return null;
        Span<byte> small = stackalloc byte[SmallFrameBytes];
        if (frameBytes <= SmallFrameBytes)
        {
            var frame = small[..(int)frameBytes];
            return file.Read(position, frame) == frame.Length && IsFrame(frame, saltState, offset) ? frame[Frame.HeaderBytes..].ToArray() : null;
        }
        // A large one is read to where it stays: no second copy of it, and none that the pool keeps. A compressed one would be
        // decompressed for each of the two reads.
        if (frameBytes > LargeFrameBytes && file is not CompressedLogFile) return TryReadLarge(file, saltState, offset, position, frameBytes);
        var large = ScanBuffers.Rent((int)frameBytes);
        try
        {
            var frame = large.AsSpan(0, (int)frameBytes);
            return file.Read(position, frame) == frame.Length && IsFrame(frame, saltState, offset) ? frame[Frame.HeaderBytes..].ToArray() : null;
        }
        finally
        {
            ScanBuffers.Return(large);
        }
    }

    private static byte[]? TryReadLarge(IWalFile file, uint saltState, long offset, long position, long frameBytes)
    {
        Span<byte> head = stackalloc byte[Frame.HeaderBytes];
        if (file.Read(position, head) < head.Length || !Frame.TryReadHeader(head, out var header) || header.FrameBytes != frameBytes) return null;
        var payload = GC.AllocateUninitializedArray<byte>(header.PayloadBytes);
        return file.Read(position + head.Length, payload) == payload.Length && Frame.Matches(header, payload, saltState, offset) ? payload : null;
    }

    /// <summary>Whether a frame may have so many bytes.</summary>
    internal static bool IsFrameSize(long bytes) => bytes >= Frame.HeaderBytes && bytes <= Frame.SizeOf(Frame.MaxPayloadBytes);

    private const int SmallFrameBytes = 1024, LargeFrameBytes = 256 << 10;

    /// <summary>Whether a span is, from its first to its last byte, the frame of an offset.</summary>
    internal static bool IsFrame(ReadOnlySpan<byte> frame, uint saltState, long offset) =>
        Frame.TryReadHeader(frame, out var header)
        && header.FrameBytes == frame.Length
        && Frame.Matches(header, frame[Frame.HeaderBytes..], saltState, offset);

    /// <summary>
    /// Finds a frame without the index, by the lengths of those before it: a bad answer of the index is the index's fault until this
    /// agrees. Null where the way there is broken or the frame itself is bad.
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
