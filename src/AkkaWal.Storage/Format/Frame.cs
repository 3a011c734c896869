using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace AkkaWal.Storage.Format;

/// <summary>
/// One record as it lies in a segment.
/// <code>
///   0        4        8                8+n
///   | stored | check- | payload, n bytes |
///   | length | sum    |                  |
///
///   stored length, u32 LE:  bit 31     always set: zeros are no frame
///                           bit 30     the batch goes on in the next frame
///                           bits 0-29  n
///   checksum, u32 LE:       CRC-32C of salt (u64 LE), stored length (u32 LE), payload, offset (u64 LE)
/// </code>
/// The salt and the offset are not stored in the frame, so a frame in the wrong place, or one that an earlier file left
/// in the same blocks, is not valid. The offset comes last in the checksum: a search for a frame of unknown offset
/// reads each candidate's payload only once.
/// </summary>
internal static class Frame
{
    internal const int HeaderBytes = 8;

    /// <summary>The largest payload: the stored length has 30 bits for it.</summary>
    internal const int MaxPayloadBytes = (1 << 30) - 1;

    internal const uint LiveBit = 1u << 31, ContinuesBit = 1u << 30, LengthMask = ContinuesBit - 1;

    internal static long SizeOf(int payloadBytes) => HeaderBytes + (long)payloadBytes;

    /// <summary>The checksum's state after the salt. Computed once for a segment.</summary>
    internal static uint SaltState(ulong salt) => Crc32C.Step(Crc32C.Seed, salt);

    /// <summary>Writes a frame to the start of a span of at least its size.</summary>
    internal static void Encode(
        Span<byte> destination, ReadOnlySpan<byte> payload, uint saltState, long offset, bool continues)
    {
        var stored = LiveBit | (continues ? ContinuesBit : 0) | (uint)payload.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(destination, stored);
        payload.CopyTo(destination[HeaderBytes..]);
        var state = PayloadState(saltState, stored, destination.Slice(HeaderBytes, payload.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], ChecksumOf(state, offset));
    }

    /// <summary>Reads a header; false where the bytes are certainly none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryReadHeader(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < HeaderBytes) return false;
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if ((stored & LiveBit) == 0) return false;
        header = new FrameHeader(stored, BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]));
        return true;
    }

    /// <summary>Whether a header's checksum is that of a payload, in this segment, at this offset.</summary>
    internal static bool Matches(FrameHeader header, ReadOnlySpan<byte> payload, uint saltState, long offset) =>
        ChecksumOf(PayloadState(saltState, header.Stored, payload), offset) == header.Checksum;

    /// <summary>
    /// Whether a span starts with three whole frames of consecutive offsets: as <see cref="Matches"/> for each, and
    /// faster. False does not tell which of them is bad.
    /// </summary>
    /// <param name="bytes">Frames back to back.</param>
    /// <param name="saltState">The checksum's state after the salt.</param>
    /// <param name="offset">The offset of the first frame.</param>
    /// <param name="frameBytes">The size of the three frames together.</param>
    // AggressiveOptimization: where few frames were read first, as at an opening, tiered compilation leaves calls in
    // this loop, and scans then run at six tenths of their rate for the process's life.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal static bool ThreeMatch(ReadOnlySpan<byte> bytes, uint saltState, long offset, out int frameBytes)
    {
        frameBytes = 0;
        if (!TryLocate(bytes, 0, out var a, out var atB)
            || !TryLocate(bytes, atB, out var b, out var atC)
            || !TryLocate(bytes, atC, out var c, out var end))
            return false;
        var x = Crc32C.Step(saltState, a.Stored);
        var y = Crc32C.Step(saltState, b.Stored);
        var z = Crc32C.Step(saltState, c.Stored);
        Crc32C.Step(
            ref x, bytes.Slice(HeaderBytes, a.PayloadBytes), ref y, bytes.Slice(atB + HeaderBytes, b.PayloadBytes),
            ref z, bytes.Slice(atC + HeaderBytes, c.PayloadBytes));
        frameBytes = end;
        return ChecksumOf(x, offset) == a.Checksum
            && ChecksumOf(y, offset + 1) == b.Checksum
            && ChecksumOf(z, offset + 2) == c.Checksum;
    }

    /// <summary>The header of a frame that lies whole in a span, and the start of the next one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryLocate(ReadOnlySpan<byte> bytes, int at, out FrameHeader header, out int next)
    {
        next = 0;
        if (!TryReadHeader(bytes[at..], out header) || header.PayloadBytes > bytes.Length - at - HeaderBytes)
            return false;
        next = at + HeaderBytes + header.PayloadBytes;
        return true;
    }

    /// <summary>The checksum's state before the offset.</summary>
    internal static uint PayloadState(uint saltState, uint stored, ReadOnlySpan<byte> payload) =>
        Crc32C.Step(Crc32C.Step(saltState, stored), payload);

    /// <summary>The checksum: the state with the offset added, inverted.</summary>
    internal static uint ChecksumOf(uint payloadState, long offset) => ~Crc32C.Step(payloadState, (ulong)offset);
}

/// <summary>A frame's first eight bytes.</summary>
internal readonly record struct FrameHeader(uint Stored, uint Checksum)
{
    internal int PayloadBytes => (int)(Stored & Frame.LengthMask);

    internal bool Continues => (Stored & Frame.ContinuesBit) != 0;

    internal long FrameBytes => Frame.SizeOf(PayloadBytes);
}
