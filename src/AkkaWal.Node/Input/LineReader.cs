namespace AkkaWal.Node.Input;

/// <summary>
/// Cuts standard input into blocks of whole lines and sends them on.
/// </summary>
/// <remarks>
/// <code>
/// array   | lines sent earlier | whole lines   | part of a line | free |
///                              ^ _start        ^ lines end      ^ _end
/// </code>
/// What was sent is never written again: messages hold on to it. When little is free, the part of a line that has come is
/// copied to the start of a new array. An array never has room for more than the longest legal line and its line feed, so
/// a line that fills one without an end is too long: it is passed over to its end, in the same array. Where its first
/// bytes tell who asked, that is sent on in its place, so that it is answered.
/// </remarks>
/// <param name="input">Standard input.</param>
/// <param name="maxLineBytes">The longest legal line.</param>
/// <param name="credit">Bounds what was sent and is not begun.</param>
/// <param name="now">The time, by the bridge's clock.</param>
/// <param name="send">Takes each <see cref="InputBlock"/>, and at the end <see cref="InputEnded"/>.</param>
/// <param name="note">Writes a line for people.</param>
internal sealed class LineReader(
    Stream input, int maxLineBytes, InputCredit credit, Func<long> now, Action<object> send, Action<string> note)
{
    /// <summary>How much is read at once; below the size from which the runtime keeps arrays apart.</summary>
    public const int ChunkBytes = 64 << 10;

    private const int LeastFreeBytes = 4 << 10;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private byte[] _array = [];
    private int _start;
    private int _end;
    private long _lineNumber = 1;
    private long _arrayPosition;
    private bool _isPassingOver;
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
                int read = input.Read(_array, _end, _array.Length - _end);
                if (read == 0) break;
                _end += read;
                TakeLines(read);
            }

            if (_end > _start && !_isPassingOver) Send(_end - _start);
        }
        catch (IOException e)
        {
            problem = $"standard input can't be read: {e.Message}";
        }

        send(new InputEnded(problem));
    }

    private void MakeRoom()
    {
        int held = _end - _start;
        int free = _array.Length - _end;
        bool isLarge = _array.Length > ChunkBytes && held == 0;
        if (!isLarge && (free >= LeastFreeBytes || (free > 0 && _array.Length > maxLineBytes && _start == 0))) return;

        // Grows with a long line, up to the longest that is legal and its line feed.
        long wanted = Math.Max(ChunkBytes, 2L * held);
        var next = GC.AllocateUninitializedArray<byte>((int)Math.Min(wanted, maxLineBytes + 1L));
        _array.AsSpan(_start, held).CopyTo(next);
        _arrayPosition += _start;
        (_array, _start, _end) = (next, 0, held);
    }

    private void TakeLines(int read)
    {
        var fresh = _array.AsSpan(_end - read, read);
        if (_isPassingOver)
        {
            int lineFeed = fresh.IndexOf((byte)'\n');
            if (lineFeed < 0)
            {
                PassOver(_end);
                return;
            }

            PassOver(_end - read + lineFeed + 1);
            _isPassingOver = false;
            _lineNumber++;
            fresh = fresh[(lineFeed + 1)..];
        }

        if (_end - _start >= ByteOrderMark.Length) PassOverMark();
        int last = fresh.LastIndexOf((byte)'\n');
        if (last >= 0) Send(_end - fresh.Length + last + 1 - _start);

        if (_end - _start > maxLineBytes)
        {
            SendHead();
            _isPassingOver = true;
            PassOver(_end);
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

        credit.Take(head.Length);
        send(new InputBlock(head, _lineNumber, _arrayPosition + _start, now()) { IsHead = true });
    }

    // Some editors and programs begin a text with a byte order mark, which is no part of its first line.
    private void PassOverMark()
    {
        if (!_isPastMark && _array.AsSpan(_start, _end - _start).StartsWith(ByteOrderMark))
            _start += ByteOrderMark.Length;
        _isPastMark = true;
    }

    // Forgets the bytes up to there. Where no message holds on to the array, it is filled anew from its start.
    private void PassOver(int end)
    {
        _start = end;
        if (_start < _end) return;
        _arrayPosition += _end;
        if (_array.Length > ChunkBytes) _array = [];
        (_start, _end) = (0, 0);
    }

    private void Send(int lengthBytes)
    {
        int end = _start + lengthBytes;
        PassOverMark();
        if (_start == end) return;
        var lines = _array.AsMemory(_start, end - _start);
        credit.Take(lines.Length);
        send(new InputBlock(lines, _lineNumber, _arrayPosition + _start, now()));
        _lineNumber += lines.Span.Count((byte)'\n');
        _start = end;
    }
}
