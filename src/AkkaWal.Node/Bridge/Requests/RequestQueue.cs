using AkkaWal.Node.Input;
using AkkaWal.Node.Json;
using AkkaWal.Node.Translation;
using AkkaWal.Node.Translation.Operations;

namespace AkkaWal.Node.Bridge.Requests;

/// <summary>
/// The lines that wait for their turn; the first one is parsed. Blank lines are skipped. Lines that can't be answered
/// are skipped with a note.
/// </summary>
/// <remarks>
/// Only the first few of the waiting requests count as read; the lines behind them count as if they were still in the
/// pipe. So when a thousand lines come at once, the deadline of the last one does not start with that of the first.
/// </remarks>
internal sealed class RequestQueue(InputCredit credit, Action<string> note)
{
    /// <summary>How many requests count as read that were not begun.</summary>
    public const int MostReadAhead = 8;

    private readonly InputQueue _lines = new(credit);
    private readonly long[] _begunAt = new long[MostReadAhead];
    private long _begunCount;
    private bool _isParsed;

    /// <summary>Whether no line waits.</summary>
    public bool IsEmpty => _lines.IsEmpty;

    /// <summary>
    /// The first request. Valid from when <see cref="TryPeek"/> returned true until <see cref="Advance"/>.
    /// </summary>
    public RequestLine Line { get; } = new();

    /// <summary>Its operation; null where its type is unknown.</summary>
    public Operation? Operation { get; private set; }

    /// <summary>Whether it stands for a line that was too long: see <see cref="LineHead"/>.</summary>
    public bool IsHead { get; private set; }

    /// <summary>The byte of the input at which it starts.</summary>
    public long StartPosition { get; private set; }

    /// <summary>When it counts as read, by the bridge's clock.</summary>
    public long ReadAt { get; private set; }

    /// <summary>Adds a block behind the others.</summary>
    public void Add(InputBlock block) => _lines.Add(block);

    /// <summary>Whether there is a first request. It is parsed once.</summary>
    public bool TryPeek(long now)
    {
        while (!_isParsed && _lines.TryPeek(out var line))
        {
            if (IsBlank(line.Bytes.Span))
            {
                _lines.Advance();
                continue;
            }

            var problem = Line.Parse(line.Bytes, line.IsHead)
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

    /// <summary>Moves to the next request. The first one was begun at the given time.</summary>
    public void Advance(long now)
    {
        _begunAt[_begunCount++ % MostReadAhead] = now;
        _isParsed = false;
        _lines.Advance();
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) =>
        line.IsEmpty || (line[0] is (byte)' ' or (byte)'\t' or (byte)'\r' && line.IndexOfAnyExcept(" \t\r"u8) < 0);
}
