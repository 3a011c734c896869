namespace AkkaWal.Node.Input;

/// <summary>A line that waits.</summary>
/// <param name="Bytes">The line, without its line feed.</param>
/// <param name="Number">Its number, counted from 1.</param>
/// <param name="StartPosition">The byte of the input at which it starts.</param>
/// <param name="ReadAt">When it was read, by the bridge's clock.</param>
/// <param name="IsHead">Whether it stands for a line that was too long: see <see cref="LineHead"/>.</param>
internal readonly record struct InputLine(
    ReadOnlyMemory<byte> Bytes, long Number, long StartPosition, long ReadAt = 0, bool IsHead = false);

/// <summary>The blocks that have arrived, and how many of their lines were used.</summary>
internal sealed class InputQueue(InputCredit credit)
{
    private readonly Queue<InputBlock> _blocks = new();
    private ReadOnlyMemory<byte> _rest;
    private InputLine _line;
    private bool _hasLine;

    /// <summary>Whether no line waits.</summary>
    public bool IsEmpty => !_hasLine && _blocks.Count == 0;

    /// <summary>Adds a block behind the others.</summary>
    public void Add(InputBlock block) => _blocks.Enqueue(block);

    /// <summary>The next line, until <see cref="Advance"/> is called; false where none has arrived.</summary>
    public bool TryPeek(out InputLine line)
    {
        if (!_hasLine && _blocks.TryPeek(out var block))
        {
            _rest = block.Lines;
            Cut(block, block.FirstLineNumber, block.StartPosition);
        }

        line = _line;
        return _hasLine;
    }

    /// <summary>Moves to the line behind the current one.</summary>
    public void Advance()
    {
        if (_rest.Length > 0)
        {
            Cut(_blocks.Peek(), _line.Number + 1, _line.StartPosition + _line.Bytes.Length + 1);
            return;
        }

        _hasLine = false;
        credit.Release(_blocks.Dequeue().Lines.Length);
    }

    private void Cut(InputBlock block, long number, long startPosition)
    {
        var lineFeed = _rest.Span.IndexOf((byte)'\n');
        var length = lineFeed < 0 ? _rest.Length : lineFeed;
        _line = new InputLine(_rest[..length], number, startPosition, block.ReadAt, block.IsHead);
        _rest = _rest[(lineFeed < 0 ? length : length + 1)..];
        _hasLine = true;
    }
}
