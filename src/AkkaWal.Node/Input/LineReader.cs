namespace AkkaWal.Node.Input;

/// <summary>
/// Cuts standard input into blocks of whole lines and sends them.
/// </summary>
/// <remarks>
/// <code>
/// array   | lines sent earlier | whole lines   | part of a line | free |
///                              ^ _start        ^ lines end      ^ _end
/// </code>
/// Bytes that were sent are never overwritten, because messages hold on to them. When little is free, the incomplete
/// line is copied to the start of a new array. An array has at most room for the longest legal line and its line feed,
/// so a line that fills one is too long. Its rest is skipped, in the same array. Where its first bytes tell who asked,
/// a <see cref="LineHead"/> is sent in its place, so that it is answered.
/// </remarks>
/// <param name="input">Standard input.</param>
/// <param name="maxLineBytes">The longest legal line, in bytes.</param>
/// <param name="credit">Limits how many bytes are sent and not begun.</param>
/// <param name="now">Gives the time by the bridge's clock.</param>
/// <param name="send">Takes each <see cref="InputBlock"/>, and at the end <see cref="InputEnded"/>.</param>
/// <param name="note">Writes a line for operators.</param>
internal sealed class LineReader(
    Stream input, int maxLineBytes, InputCredit credit, Func<long> now, Action<object> send, Action<string> note)
{
    /// <summary>
    /// How many bytes are read at once. Small enough that the array is no large object for the runtime.
    /// </summary>
    public const int ChunkBytes = 64 << 10;

    private const int LeastFreeBytes = 4 << 10;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private byte[] _array = [];
    private int _start;
    private int _end;
    private long _lineNumber = 1;
    private long _arrayPosition;
    private bool _isSkipping;
    private bool _isPastMark;

    /// <summary>Reads to the end of the input. Waits where there is no credit.</summary>
    public void Run()
    {
        string? problem = null;
        try
        {
            while (true)
            {
                MakeRoom();
                var read = input.Read(_array, _end, _array.Length - _end);
                if (read == 0) break;
                _end += read;
                CutLines(read);
            }

            if (_end > _start && !_isSkipping) Send(_end - _start);
        }
        catch (IOException e)
        {
            problem = $"standard input can't be read: {e.Message}";
        }

        send(new InputEnded(problem));
    }

    private void MakeRoom()
    {
        var held = _end - _start;
        var free = _array.Length - _end;
        var isLarge = _array.Length > ChunkBytes && held == 0;
        if (!isLarge && (free >= LeastFreeBytes || (free > 0 && _array.Length > maxLineBytes && _start == 0))) return;

        // The array grows with a long line, up to the longest legal one and its line feed.
        var wanted = Math.Max(ChunkBytes, 2L * held);
        var next = GC.AllocateUninitializedArray<byte>((int)Math.Min(wanted, maxLineBytes + 1L));
        _array.AsSpan(_start, held).CopyTo(next);
        _arrayPosition += _start;
        (_array, _start, _end) = (next, 0, held);
    }

    private void CutLines(int read)
    {
        var fresh = _array.AsSpan(_end - read, read);
        if (_isSkipping)
        {
            var lineFeed = fresh.IndexOf((byte)'\n');
            if (lineFeed < 0)
            {
                SkipTo(_end);
                return;
            }

            SkipTo(_end - read + lineFeed + 1);
            _isSkipping = false;
            _lineNumber++;
            fresh = fresh[(lineFeed + 1)..];
        }

        if (_end - _start >= ByteOrderMark.Length) SkipMark();
        var last = fresh.LastIndexOf((byte)'\n');
        if (last >= 0) Send(_end - fresh.Length + last + 1 - _start);

        if (_end - _start > maxLineBytes)
        {
            SendHead();
            _isSkipping = true;
            SkipTo(_end);
        }
    }

    private void SendHead()
    {
        if (LineHead.Of(_array.AsSpan(_start, _end - _start)) is not { } head)
        {
            note($"line {_lineNumber} is skipped: it is longer than {maxLineBytes} bytes "
                + "(akka-wal.node.max-line-bytes), and they do not tell whom to answer");
            return;
        }

        credit.Reserve(head.Length);
        send(new InputBlock(head, _lineNumber, _arrayPosition + _start, now()) { IsHead = true });
    }

    // Some programs start a text with a byte order mark. It is no part of the first line.
    private void SkipMark()
    {
        if (!_isPastMark && _array.AsSpan(_start, _end - _start).StartsWith(ByteOrderMark))
            _start += ByteOrderMark.Length;
        _isPastMark = true;
    }

    // Skips the bytes up to an end. Where all are skipped, no message holds the array's rest, and it is filled from the
    // start.
    private void SkipTo(int end)
    {
        _start = end;
        if (_start < _end) return;
        _arrayPosition += _end;
        if (_array.Length > ChunkBytes) _array = [];
        (_start, _end) = (0, 0);
    }

    private void Send(int lengthBytes)
    {
        var end = _start + lengthBytes;
        SkipMark();
        if (_start == end) return;
        var lines = _array.AsMemory(_start, end - _start);
        credit.Reserve(lines.Length);
        send(new InputBlock(lines, _lineNumber, _arrayPosition + _start, now()));
        _lineNumber += lines.Span.Count((byte)'\n');
        _start = end;
    }
}
