using System.Text;

namespace AkkaWal.Node.Output;

/// <summary>Stands in for the console's output, so that what a logger prints becomes a note and never mixes with replies.</summary>
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
            foreach (char character in value) Add(character);
        }
    }

    /// <summary>What is printed as one line is one note, whatever line feeds it has in it: a failure with its trace,
    /// say.</summary>
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
