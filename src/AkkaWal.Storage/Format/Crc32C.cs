using System.Buffers.Binary;
using System.Numerics;
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
    internal static void Step(
        ref uint first, ReadOnlySpan<byte> firstBytes, ref uint second, ReadOnlySpan<byte> secondBytes, ref uint third, ReadOnlySpan<byte> thirdBytes)
    {
        var shared = Math.Min(firstBytes.Length, Math.Min(secondBytes.Length, thirdBytes.Length)) / sizeof(ulong);
        var a = MemoryMarshal.Cast<byte, ulong>(firstBytes)[..shared];
        var b = MemoryMarshal.Cast<byte, ulong>(secondBytes)[..shared];
        var c = MemoryMarshal.Cast<byte, ulong>(thirdBytes)[..shared];
        var (x, y, z) = (first, second, third);
        for (var i = 0; i < a.Length && i < b.Length && i < c.Length; i++)
        {
            x = BitOperations.Crc32C(x, LittleEndian(a[i]));
            y = BitOperations.Crc32C(y, LittleEndian(b[i]));
            z = BitOperations.Crc32C(z, LittleEndian(c[i]));
        }
        var done = shared * sizeof(ulong);
        first = Step(x, firstBytes[done..]);
        second = Step(y, secondBytes[done..]);
        third = Step(z, thirdBytes[done..]);
    }

    /// <summary>As if the value's eight little-endian bytes were taken in.</summary>
    internal static uint Step(uint state, ulong value) => BitOperations.Crc32C(state, value);

    /// <summary>As if the value's four little-endian bytes were taken in.</summary>
    internal static uint Step(uint state, uint value) => BitOperations.Crc32C(state, value);

    private static ulong LittleEndian(ulong word) => BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);

    /// <summary>Less than eight bytes.</summary>
    private static uint StepRest(uint state, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= sizeof(uint))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
            bytes = bytes[sizeof(uint)..];
        }
        foreach (var single in bytes) state = BitOperations.Crc32C(state, single);
        return state;
    }
}
