using System.Buffers.Binary;
using System.Text;

namespace AkkaWal.Serialization;

/// <summary>
/// Reads what <see cref="WireWriter"/> wrote. Every length is checked against the remaining bytes before memory is
/// allocated.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    internal long Long() => BinaryPrimitives.ReadInt64LittleEndian(Next(sizeof(long)));

    internal int Int() => BinaryPrimitives.ReadInt32LittleEndian(Next(sizeof(int)));

    internal bool Bool() => Next(1)[0] != 0;

    internal string Text() => Encoding.UTF8.GetString(Next(Int()));

    /// <summary>A request's text. The log refuses null with a reason.</summary>
    internal string? TextOrNull() =>
        Int() is var count && count == WireWriter.Null ? null : Encoding.UTF8.GetString(Next(count));

    internal ReadOnlyMemory<byte> Bytes() => Next(Int()).ToArray();

    /// <summary>A count of items with a minimum size each.</summary>
    internal int Count(int leastBytes) => Checked(Int(), leastBytes);

    internal List<ReadOnlyMemory<byte>> Payloads() => Payloads(Count(sizeof(int)));

    /// <summary>A request's payloads. The log refuses null with a reason.</summary>
    internal List<ReadOnlyMemory<byte>>? PayloadsOrNull()
    {
        var count = Int();
        return count == WireWriter.Null ? null : Payloads(Checked(count, sizeof(int)));
    }

    private List<ReadOnlyMemory<byte>> Payloads(int count)
    {
        var payloads = new List<ReadOnlyMemory<byte>>(count);
        for (var i = 0; i < count; i++) payloads.Add(Bytes());
        return payloads;
    }

    private int Checked(int count, int leastBytes) =>
        count >= 0 && (long)count * leastBytes <= _left.Length ? count : throw Malformed();

    private ReadOnlySpan<byte> Next(int count)
    {
        if (count < 0 || count > _left.Length) throw Malformed();
        var next = _left[..count];
        _left = _left[count..];
        return next;
    }

    private static FormatException Malformed() => new("the bytes are no message of AkkaWal");
}
