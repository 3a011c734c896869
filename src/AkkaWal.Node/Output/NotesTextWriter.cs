using System.Text;

namespace AkkaWal.Node.Output;

/// <summary>Replaces the console's output, so that printed lines become notes and never mix with replies.</summary>
internal sealed class NotesTextWriter(Notes notes) : TextWriter
{
    private readonly object _gate = new();
    private readonly StringBuilder _line = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        lock (_gate) Add(value);
    }

    public override void Write(string? value)
    {
        if (value is null) return;
        lock (_gate)
        {
            foreach (var character in value) Add(character);
        }
    }

    /// <summary>Makes one note of a printed line, even where it contains line feeds, as a stack trace does.</summary>
    public override void WriteLine(string? value)
    {
        lock (_gate)
        {
            _line.Append(value);
            Send();
        }
    }

    private void Add(char character)
    {
        if (character == '\n') Send();
        else _line.Append(character);
    }

    private void Send()
    {
        notes.Write(_line.ToString());
        _line.Clear();
    }
}
