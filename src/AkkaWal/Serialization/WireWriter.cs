using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace AkkaWal.Serialization;

/// <summary>Numbers little-endian; texts and bytes behind their length as i32; lists behind their count as i32.</summary>
internal sealed class WireWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    internal byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    internal WireWriter Long(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(sizeof(long)), value);
        _bytes.Advance(sizeof(long));
        return this;
    }

    internal WireWriter Int(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(sizeof(int)), value);
        _bytes.Advance(sizeof(int));
        return this;
    }

    internal WireWriter Bool(bool value)
    {
        _bytes.Write([value ? (byte)1 : (byte)0]);
        return this;
    }

    internal WireWriter Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    internal WireWriter Bytes(ReadOnlyMemory<byte> value)
    {
        Int(value.Length);
        _bytes.Write(value.Span);
        return this;
    }

    internal WireWriter Payloads(IReadOnlyList<ReadOnlyMemory<byte>> values)
    {
        Int(values.Count);
        foreach (var value in values) Bytes(value);
        return this;
    }
}
