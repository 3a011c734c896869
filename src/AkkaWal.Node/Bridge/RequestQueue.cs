using AkkaWal.Node.Input;
using AkkaWal.Node.Translation;

namespace AkkaWal.Node.Bridge;

/// <summary>
/// The requests that wait for their turn: lines, of which the first one is parsed. Lines that can't be answered are
/// passed over, with a note.
/// </summary>
internal sealed class RequestQueue(InputCredit credit, Action<string> note)
{
    private readonly InputQueue _lines = new(credit);
    private bool _isParsed;

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _lines.IsEmpty;

    /// <summary>The first request, after <see cref="TryPeek"/> was true and until <see cref="Advance"/>.</summary>
    public RequestLine Line { get; } = new();

    /// <summary>What it asks for; null where its type is unknown.</summary>
    public Operation? Operation { get; private set; }

    /// <summary>The byte of the input at which it starts.</summary>
    public long StartPosition { get; private set; }

    /// <summary>Adds a block behind the others.</summary>
    public void Add(InputBlock block) => _lines.Add(block);

    /// <summary>Whether there is a first request. It is parsed once, however often it is peeked at.</summary>
    public bool TryPeek()
    {
        while (!_isParsed && _lines.TryPeek(out var line))
        {
            string? problem = Line.Parse(line.Bytes) ?? (Line.IsReply ? "it is a reply, and nobody waits for one" : null);
            if (problem is not null)
            {
                note($"line {line.Number} is skipped: {problem}");
                _lines.Advance();
                continue;
            }

            var type = Line[Field.Type];
            Operation = OperationTable.Find(Line.Slice(type), type.IsEscaped);
            StartPosition = line.StartPosition;
            _isParsed = true;
        }

        return _isParsed;
    }

    /// <summary>Goes on to the request behind the first one.</summary>
    public void Advance()
    {
        _isParsed = false;
        _lines.Advance();
    }
}
