using System.Buffers.Binary;
using System.Text;

namespace AkkaWal.Serialization;

/// <summary>
/// Writes numbers in little-endian order; texts and bytes after their length as i32; lists after their count as i32.
/// The length or count of null is -1. Only requests may have a null, and the log refuses it.
/// </summary>
/// <param name="destination">An array that ends with the last byte; null to count the bytes only.</param>
/// <param name="start">Where the first byte is written.</param>
internal sealed class WireWriter(byte[]? destination = null, int start = 0)
{
    internal const int Null = -1;

    /// <summary>The bytes written or counted so far.</summary>
    internal long LengthBytes { get; private set; }

    private Span<byte> Rest => destination.AsSpan(start + (int)LengthBytes);

    internal WireWriter Long(long value)
    {
        if (destination is not null)
            BinaryPrimitives.WriteInt64LittleEndian(Rest, value);
        LengthBytes += sizeof(long);
        return this;
    }

    internal WireWriter Int(int value)
    {
        if (destination is not null)
            BinaryPrimitives.WriteInt32LittleEndian(Rest, value);
        LengthBytes += sizeof(int);
        return this;
    }

    internal WireWriter Bool(bool value)
    {
        if (destination is not null) Rest[0] = value ? (byte)1 : (byte)0;
        LengthBytes++;
        return this;
    }

    internal WireWriter Text(string? value)
    {
        if (value is null) return Int(Null);
        var count = Encoding.UTF8.GetByteCount(value);
        Int(count);
        if (destination is not null) Encoding.UTF8.GetBytes(value, Rest);
        LengthBytes += count;
        return this;
    }

    internal WireWriter Bytes(ReadOnlyMemory<byte> value)
    {
        Int(value.Length);
        if (destination is not null) value.Span.CopyTo(Rest);
        LengthBytes += value.Length;
        return this;
    }

    internal WireWriter Payloads(IReadOnlyList<ReadOnlyMemory<byte>>? values)
    {
        if (values is null) return Int(Null);
        Int(values.Count);
        for (var i = 0; i < values.Count; i++) Bytes(values[i]);
        return this;
    }
}
