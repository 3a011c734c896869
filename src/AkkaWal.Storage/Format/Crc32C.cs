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
        foreach (var word in words)
            state = BitOperations.Crc32C(state, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        foreach (var single in bytes[(words.Length * sizeof(ulong))..]) state = BitOperations.Crc32C(state, single);
        return state;
    }

    /// <summary>As if the value's eight little-endian bytes were taken in.</summary>
    internal static uint Step(uint state, ulong value) => BitOperations.Crc32C(state, value);

    /// <summary>As if the value's four little-endian bytes were taken in.</summary>
    internal static uint Step(uint state, uint value) => BitOperations.Crc32C(state, value);
}
