using System.Text;
using AkkaWal.Node.Output;

namespace AkkaWal.Node.Tests.Output;

public sealed class NotesSpec : IDisposable
{
    private readonly GatedStream _stream = new();

    public void Dispose() => _stream.Dispose();

    [Fact]
    public void Notes_should_be_written_when_they_are_flushed()
    {
        var notes = new Notes(_stream);
        notes.Write("one");
        notes.Write("two");
        notes.Flush(TimeSpan.FromMinutes(1));
        Assert.Equal(["akkawal: one", "akkawal: two"], _stream.Lines);
    }

    [Fact]
    public void Nobody_should_wait_for_standard_error_that_is_not_read()
    {
        _stream.Stop();
        var notes = new Notes(_stream);
        for (int index = 0; index < 300_000; index++) notes.Write($"{index}");
        notes.Flush(TimeSpan.Zero);
        _stream.GoOn();
        notes.Flush(TimeSpan.FromMinutes(1));
        var lines = _stream.Lines;
        Assert.Contains("more lines found no room here", lines[^1], StringComparison.Ordinal);
        Assert.InRange(lines.Length, 2, 200_000);
    }

    [Fact]
    public void What_a_logger_prints_should_become_notes()
    {
        var notes = new Notes(_stream);
        using var writer = new NotesTextWriter(notes);
        writer.Write('a');
        writer.Write("b");
        writer.WriteLine("c");
        writer.WriteLine();
        writer.Write("d\ne");
        writer.WriteLine(5);
        writer.Write(Encoding.UTF8.WebName);
        notes.Flush(TimeSpan.FromMinutes(1));
        Assert.Equal(["akkawal: abc", "akkawal: ", "akkawal: d", "akkawal: e5"], _stream.Lines);
    }
}
