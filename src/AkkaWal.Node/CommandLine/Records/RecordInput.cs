using System.Buffers.Binary;

namespace AkkaWal.Node.CommandLine.Records;

/// <summary>
/// Reads standard input as records: lines without their line feeds, or payloads after their lengths. A record from
/// <see cref="TryRead"/> is valid until <see cref="TryFill"/>.
/// </summary>
internal sealed class RecordInput(OperatorConsole console, bool isLengthPrefixed, int maxPayloadBytes)
{
    private const int FirstBytes = 64 << 10, LengthBytes = sizeof(int);

    private byte[] _buffer = new byte[FirstBytes];
    private int _start, _end, _searched;

    /// <summary>The number of the next record, from 1.</summary>
    public long Number { get; private set; } = 1;

    private ReadOnlySpan<byte> Waiting => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Reads the next record, if all of it was read.</summary>
    /// <exception cref="VerbException">It is larger than a record may be.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> record) =>
        isLengthPrefixed ? TryReadPrefixed(out record) : TryReadLine(out record);

    /// <summary>Reads more input, and waits for it; false at the end of the input.</summary>
    /// <exception cref="OperationCanceledException">A signal came first.</exception>
    /// <exception cref="VerbException">It can't be read.</exception>
    public bool TryFill()
    {
        Waiting.CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        // The buffer holds at most one record with its length, and the rest of the last read.
        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        var count = console.ReadInput(_buffer, _end);
        _end += count;
        return count > 0;
    }

    /// <summary>The rest of the input: a last line without a line feed.</summary>
    /// <exception cref="VerbException">The input ends in the middle of a record.</exception>
    public bool TryReadRest(out ReadOnlyMemory<byte> record)
    {
        record = _buffer.AsMemory(_start, _end - _start);
        if (record.IsEmpty) return false;
        if (!isLengthPrefixed) return true;
        throw new VerbException(
            $"the input ends in the middle of record {Number}: {Report.Count(record.Length, "byte")} of it are there",
            "", ExitStatus.Fault);
    }

    private bool TryReadLine(out ReadOnlyMemory<byte> record)
    {
        var found = Waiting[_searched..].IndexOf((byte)'\n');
        var length = found < 0 ? Waiting.Length : _searched + found;
        if (length > maxPayloadBytes) throw TooLarge($"more than {maxPayloadBytes}");
        _searched = found < 0 ? length : 0;
        record = default;
        return found >= 0 && Read(0, length, 1, out record);
    }

    private bool TryReadPrefixed(out ReadOnlyMemory<byte> record)
    {
        record = default;
        if (Waiting.Length < LengthBytes) return false;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(Waiting);
        if (length > maxPayloadBytes) throw TooLarge($"{length}");
        return Waiting.Length >= LengthBytes + length && Read(LengthBytes, (int)length, 0, out record);
    }

    private bool Read(int before, int length, int behind, out ReadOnlyMemory<byte> record)
    {
        record = _buffer.AsMemory(_start + before, length);
        _start += before + length + behind;
        Number++;
        return true;
    }

    private VerbException TooLarge(string bytes) => new(
        $"record {Number} of the input has {bytes} bytes: at most {maxPayloadBytes} are allowed",
        isLengthPrefixed ? "is the input really length-prefixed?" : "", ExitStatus.Fault);
}
