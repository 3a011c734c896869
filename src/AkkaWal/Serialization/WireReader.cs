using System.Buffers.Binary;
using System.Text;

namespace AkkaWal.Serialization;

/// <summary>Reads what <see cref="WireWriter"/> wrote. Every length is checked against what is left before anything is allocated.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    internal long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    internal int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    internal bool Bool() => Take(1)[0] != 0;

    internal string Text() => Encoding.UTF8.GetString(Take(Int()));

    internal ReadOnlyMemory<byte> Bytes() => Take(Int()).ToArray();

    /// <summary>A count of things that take at least so many bytes each.</summary>
    internal int Count(int leastBytes)
    {
        var count = Int();
        return count >= 0 && (long)count * leastBytes <= _left.Length ? count : throw Malformed();
    }

    internal List<ReadOnlyMemory<byte>> Payloads()
    {
        var count = Count(sizeof(int));
        var payloads = new List<ReadOnlyMemory<byte>>(count);
        for (var i = 0; i < count; i++) payloads.Add(Bytes());
        return payloads;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _left.Length) throw Malformed();
        var taken = _left[..count];
        _left = _left[count..];
        return taken;
    }

    private static FormatException Malformed() => new("the bytes are no message of AkkaWal");
}
