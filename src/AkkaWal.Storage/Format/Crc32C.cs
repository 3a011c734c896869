using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AkkaWal.Storage.Format;

/// <summary>
/// CRC-32C (Castagnoli, RFC 3720 appendix B.4). The initial value is all ones, and the result is inverted. A step is
/// one processor instruction where the processor has it (<see cref="BitOperations"/>).
/// </summary>
public static class Crc32C
{
    internal const uint Seed = uint.MaxValue;

    /// <summary>The checksum of some bytes; 0xE3069283 for the nine digits "123456789". From any thread.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => ~Step(Seed, bytes);

    /// <summary>
    /// Adds bytes to a running state. The state starts as <see cref="Seed"/> and is inverted at the end.
    /// </summary>
    internal static uint Step(uint state, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) state = BitOperations.Crc32C(state, LittleEndian(word));
        return StepRest(state, bytes[(words.Length * sizeof(ulong))..]);
    }

    /// <summary>
    /// Adds bytes to three independent running states at once. A step takes three cycles until the next one of the same
    /// state can start, but the processor can start one in each cycle: three at once take little longer than one.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Step(
        ref uint first, ReadOnlySpan<byte> firstBytes, ref uint second, ReadOnlySpan<byte> secondBytes,
        ref uint third, ReadOnlySpan<byte> thirdBytes)
    {
        var shared = Math.Min(firstBytes.Length, Math.Min(secondBytes.Length, thirdBytes.Length)) & -sizeof(ulong);
        StepWords(ref first, firstBytes[..shared], ref second, secondBytes, ref third, thirdBytes);
        first = StepTail(first, firstBytes[shared..]);
        second = StepTail(second, secondBytes[shared..]);
        third = StepTail(third, thirdBytes[shared..]);
    }

    /// <summary>Adds as many words of each span as the first one has.</summary>
    // A method of its own with AggressiveOptimization. In a larger method the states would not stay in registers, and
    // tiered compilation could fix a slow version for the process's life after the first few frames.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void StepWords(
        ref uint first, ReadOnlySpan<byte> firstBytes, ref uint second, ReadOnlySpan<byte> secondBytes,
        ref uint third, ReadOnlySpan<byte> thirdBytes)
    {
        var a = MemoryMarshal.Cast<byte, ulong>(firstBytes);
        var b = MemoryMarshal.Cast<byte, ulong>(secondBytes)[..a.Length];
        var c = MemoryMarshal.Cast<byte, ulong>(thirdBytes)[..a.Length];
        var (x, y, z) = (first, second, third);
        for (var i = 0; i < a.Length; i++)
        {
            x = BitOperations.Crc32C(x, LittleEndian(a[i]));
            y = BitOperations.Crc32C(y, LittleEndian(b[i]));
            z = BitOperations.Crc32C(z, LittleEndian(c[i]));
        }
        (first, second, third) = (x, y, z);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint StepTail(uint state, ReadOnlySpan<byte> bytes) =>
        bytes.Length < sizeof(ulong) ? StepRest(state, bytes) : Step(state, bytes);

    /// <summary>Adds the value's eight bytes in little-endian order.</summary>
    internal static uint Step(uint state, ulong value) => BitOperations.Crc32C(state, value);

    /// <summary>Adds the value's four bytes in little-endian order.</summary>
    internal static uint Step(uint state, uint value) => BitOperations.Crc32C(state, value);

    private static ulong LittleEndian(ulong word) =>
        BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);

    /// <summary>Adds at most seven bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint StepRest(uint state, ReadOnlySpan<byte> bytes)
    {
        if ((bytes.Length & sizeof(uint)) != 0)
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
            bytes = bytes[sizeof(uint)..];
        }
        if ((bytes.Length & sizeof(ushort)) != 0)
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt16LittleEndian(bytes));
            bytes = bytes[sizeof(ushort)..];
        }
        return bytes.IsEmpty ? state : BitOperations.Crc32C(state, bytes[0]);
    }
}
