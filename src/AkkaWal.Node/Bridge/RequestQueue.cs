using AkkaWal.Node.Input;
using AkkaWal.Node.Translation;

namespace AkkaWal.Node.Bridge;

/// <summary>
/// The requests that wait for their turn: lines, of which the first one is parsed. Blank lines are passed over, and so
/// are lines that can't be answered, with a note.
/// </summary>
/// <remarks>
/// A request counts as read when its line has come, and at most so many before it wait to be begun: what lies behind
/// those is input still, as what lies in the pipe is. So the time of the last of a thousand lines that come at once
/// does not begin with that of the first one.
/// </remarks>
internal sealed class RequestQueue(InputCredit credit, Action<string> note)
{
    /// <summary>How many requests count as read and not begun.</summary>
    public const int MostReadAhead = 8;

    private readonly InputQueue _lines = new(credit);
    private readonly long[] _begunAt = new long[MostReadAhead];
    private long _begunCount;
    private bool _isParsed;

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _lines.IsEmpty;

    /// <summary>The first request, after <see cref="TryPeek"/> was true and until <see cref="Advance"/>.</summary>
    public RequestLine Line { get; } = new();

    /// <summary>What it asks for; null where its type is unknown, or not known of a line that was too long.</summary>
    public Operation? Operation { get; private set; }

    /// <summary>Whether it is just what is known of a line that was too long.</summary>
    public bool IsHead { get; private set; }

    /// <summary>The byte of the input at which it starts.</summary>
    public long StartPosition { get; private set; }

    /// <summary>When it was read, by the bridge's clock.</summary>
    public long ReadAt { get; private set; }

    /// <summary>Adds a block behind the others.</summary>
    public void Add(InputBlock block) => _lines.Add(block);

    /// <summary>Whether there is a first request. It is parsed once, however often it is peeked at.</summary>
    public bool TryPeek(long now)
    {
        while (!_isParsed && _lines.TryPeek(out var line))
        {
            if (IsBlank(line.Bytes.Span))
            {
                _lines.Advance();
                continue;
            }

            string? problem = Line.Parse(line.Bytes, line.IsHead)
                ?? (Line.IsReply ? "it is a reply, and nobody waits for one" : null);
            if (problem is not null)
            {
                note($"line {line.Number} is skipped: {problem}");
                Advance(now);
                continue;
            }

            var type = Line[Field.Type];
            Operation = OperationTable.Find(Line.Slice(type), type.IsEscaped);
            IsHead = line.IsHead;
            StartPosition = line.StartPosition;
            ReadAt = Math.Max(line.ReadAt, _begunAt[_begunCount % MostReadAhead]);
            _isParsed = true;
        }

        return _isParsed;
    }

    /// <summary>Goes on to the request behind the first one, which is begun now.</summary>
    public void Advance(long now)
    {
        _begunAt[_begunCount++ % MostReadAhead] = now;
        _isParsed = false;
        _lines.Advance();
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) =>
        line.IsEmpty || (line[0] is (byte)' ' or (byte)'\t' or (byte)'\r' && line.IndexOfAnyExcept(" \t\r"u8) < 0);
}
