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
///   stored length, u32 LE:  bit 31     always set: no stretch of zeros is a frame
///                           bit 30     the batch goes on in the next frame
///                           bits 0-29  n
///   checksum, u32 LE:       CRC-32C of salt (u64 LE), stored length (u32 LE), payload, offset (u64 LE)
/// </code>
/// The salt and the offset are not stored with the frame: one in the wrong place, or left over from an older life of
/// the file, does not validate. The offset comes last so that a search for a frame of unknown offset need not read the
/// payload once a candidate.
/// </summary>
internal static class Frame
{
    internal const int HeaderBytes = 8;

    /// <summary>The largest payload that the stored length can tell.</summary>
    internal const int MaxPayloadBytes = (1 << 30) - 1;

    internal const uint LiveBit = 1u << 31, ContinuesBit = 1u << 30, LengthMask = ContinuesBit - 1;

    internal static long SizeOf(int payloadBytes) => HeaderBytes + (long)payloadBytes;

    /// <summary>What the salt makes of the checksum: computed once a segment.</summary>
    internal static uint SaltState(ulong salt) => Crc32C.Step(Crc32C.Seed, salt);

    /// <summary>Writes a frame to the start of a span of at least its size.</summary>
    internal static void Encode(Span<byte> destination, ReadOnlySpan<byte> payload, uint saltState, long offset, bool continues)
    {
        var stored = LiveBit | (continues ? ContinuesBit : 0) | (uint)payload.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(destination, stored);
        payload.CopyTo(destination[HeaderBytes..]);
        var state = PayloadState(saltState, stored, destination.Slice(HeaderBytes, payload.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], ChecksumOf(state, offset));
    }

    /// <summary>Reads a header; false where it can't be one, whatever follows.</summary>
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

    /// <summary>Whether a payload is the one that the header was written for, in this segment, at this offset.</summary>
    internal static bool Matches(FrameHeader header, ReadOnlySpan<byte> payload, uint saltState, long offset) =>
        ChecksumOf(PayloadState(saltState, header.Stored, payload), offset) == header.Checksum;

    /// <summary>
    /// Whether a span starts with three whole frames of an offset and the two that follow it: as <see cref="Matches"/> of each, and faster. False says
    /// nothing of any one of them.
    /// </summary>
    /// <param name="bytes">Frames back to back.</param>
    /// <param name="saltState">What the salt makes of the checksum.</param>
    /// <param name="offset">The first one's.</param>
    /// <param name="frameBytes">What the three take together.</param>
    // Compiled in full at once: what the compiler learns where few frames are read, as at an opening, would leave calls within calls here, and
    // a scan at six tenths of its rate for the process's life.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal static bool ThreeMatch(ReadOnlySpan<byte> bytes, uint saltState, long offset, out int frameBytes)
    {
        frameBytes = 0;
        if (!TryLocate(bytes, 0, out var a, out var atB) || !TryLocate(bytes, atB, out var b, out var atC) || !TryLocate(bytes, atC, out var c, out var end))
            return false;
        var (x, y, z) = (Crc32C.Step(saltState, a.Stored), Crc32C.Step(saltState, b.Stored), Crc32C.Step(saltState, c.Stored));
        Crc32C.Step(
            ref x, bytes.Slice(HeaderBytes, a.PayloadBytes), ref y, bytes.Slice(atB + HeaderBytes, b.PayloadBytes),
            ref z, bytes.Slice(atC + HeaderBytes, c.PayloadBytes));
        frameBytes = end;
        return ChecksumOf(x, offset) == a.Checksum && ChecksumOf(y, offset + 1) == b.Checksum && ChecksumOf(z, offset + 2) == c.Checksum;
    }

    /// <summary>The header of a frame that is whole in a span, and where the next one starts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryLocate(ReadOnlySpan<byte> bytes, int at, out FrameHeader header, out int next)
    {
        next = 0;
        if (!TryReadHeader(bytes[at..], out header) || header.PayloadBytes > bytes.Length - at - HeaderBytes) return false;
        next = at + HeaderBytes + header.PayloadBytes;
        return true;
    }

    /// <summary>The running state before the offset is taken in.</summary>
    internal static uint PayloadState(uint saltState, uint stored, ReadOnlySpan<byte> payload) =>
        Crc32C.Step(Crc32C.Step(saltState, stored), payload);

    /// <summary>The checksum once the offset is taken in.</summary>
    internal static uint ChecksumOf(uint payloadState, long offset) => ~Crc32C.Step(payloadState, (ulong)offset);
}

/// <summary>A frame's first eight bytes.</summary>
internal readonly record struct FrameHeader(uint Stored, uint Checksum)
{
    internal int PayloadBytes => (int)(Stored & Frame.LengthMask);

    internal bool Continues => (Stored & Frame.ContinuesBit) != 0;

    internal long FrameBytes => Frame.SizeOf(PayloadBytes);
}
