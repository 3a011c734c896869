using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AkkaWal.Storage.Format;

/// <summary>
/// CRC-32C (Castagnoli, RFC 3720 appendix B.4): initial value and final inversion of all ones. The bare
/// <see cref="BitOperations"/> step is one processor instruction where there is one.
/// </summary>
public static class Crc32C
{
    internal const uint Seed = uint.MaxValue;

    /// <summary>The checksum of some bytes; 0xE3069283 for the nine digits "123456789".</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => ~Step(Seed, bytes);

    /// <summary>Takes bytes into a running state, which starts at <see cref="Seed"/> and is inverted at the end.</summary>
    internal static uint Step(uint state, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) state = BitOperations.Crc32C(state, LittleEndian(word));
        return StepRest(state, bytes[(words.Length * sizeof(ulong))..]);
    }

    /// <summary>
    /// Takes bytes into three running states that have nothing to do with each other. A step waits three cycles for the one before it, and the
    /// processor can begin one in each: three at once take little longer than one.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Step(
        ref uint first, ReadOnlySpan<byte> firstBytes, ref uint second, ReadOnlySpan<byte> secondBytes, ref uint third, ReadOnlySpan<byte> thirdBytes)
    {
        var shared = Math.Min(firstBytes.Length, Math.Min(secondBytes.Length, thirdBytes.Length)) & -sizeof(ulong);
        StepWords(ref first, firstBytes[..shared], ref second, secondBytes, ref third, thirdBytes);
        first = StepTail(first, firstBytes[shared..]);
        second = StepTail(second, secondBytes[shared..]);
        third = StepTail(third, thirdBytes[shared..]);
    }

    /// <summary>As many words of each as the first has.</summary>
    // A method of its own, compiled in full at once: with anything else to keep in registers the states go through memory in each turn, and
    // what the compiler learns from a process's first few frames must not decide that for its life.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void StepWords(
        ref uint first, ReadOnlySpan<byte> firstBytes, ref uint second, ReadOnlySpan<byte> secondBytes, ref uint third, ReadOnlySpan<byte> thirdBytes)
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
    private static uint StepTail(uint state, ReadOnlySpan<byte> bytes) => bytes.Length < sizeof(ulong) ? StepRest(state, bytes) : Step(state, bytes);

    /// <summary>As if the value's eight little-endian bytes were taken in.</summary>
    internal static uint Step(uint state, ulong value) => BitOperations.Crc32C(state, value);

    /// <summary>As if the value's four little-endian bytes were taken in.</summary>
    internal static uint Step(uint state, uint value) => BitOperations.Crc32C(state, value);

    private static ulong LittleEndian(ulong word) => BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);

    /// <summary>Less than eight bytes.</summary>
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
