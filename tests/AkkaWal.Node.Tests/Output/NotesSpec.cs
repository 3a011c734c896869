using System.Text;
using Akka.Event;
using AkkaWal.Node.Output;
using AkkaWal.Storage;

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
        for (var index = 0; index < 10_000; index++)
        {
            notes.Write($"{new string('a', index % 100)}");
            notes.Flush(TimeSpan.Zero);
        }

        _stream.GoOn();
        notes.Flush(TimeSpan.FromMinutes(1));
        var lines = _stream.Lines;
        // Behind what was dropped: the last line only where the writer had begun before.
        Assert.Contains(lines, line => line.Contains("more lines found no room here", StringComparison.Ordinal));
        // The lines that the writer had taken, the lines that waited, and after each of them the number of dropped
        // ones.
        Assert.InRange(lines.Length, 2, 2 * (Notes.MaxWaiting + 1));
    }

    [Fact]
    public void Notes_that_say_the_same_of_something_else_should_become_one_line_with_their_number()
    {
        var notes = new Notes(_stream);
        for (var line = 1; line <= 480; line++) notes.Write($"line {line} is skipped: it is no JSON object");
        notes.Write("another one");
        notes.Flush(TimeSpan.FromMinutes(1));
        Assert.Equal(
            [
                "akkawal: line 1 is skipped: it is no JSON object",
                "akkawal: line 2 is skipped: it is no JSON object",
                "akkawal: line 3 is skipped: it is no JSON object",
                "akkawal: another one",
                "akkawal: ... and 477 more like it: line 1 is skipped: it is no JSON object",
            ],
            _stream.Lines);
        notes.Write("line 481 is skipped: it is no JSON object");
        notes.Flush(TimeSpan.FromMinutes(1));
        Assert.Equal("akkawal: line 481 is skipped: it is no JSON object", _stream.Lines[^1]);
    }

    [Fact]
    public void Number_of_lines_should_be_bounded_whatever_they_say()
    {
        var notes = new Notes(_stream);
        var random = new Random(1);
        for (var index = 0; index < 20_000; index++)
            notes.Write(new string([.. Enumerable.Range(0, 8).Select(_ => (char)random.Next('a', 'z'))]));
        notes.Flush(TimeSpan.FromMinutes(1));
        Assert.InRange(_stream.Lines.Length, 10, 300);
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

    [Theory]
    [InlineData(false, "[ERROR] it failed: open /d/MANIFEST: no more")]
    [InlineData(true, "[ERROR] it failed\nSystem.InvalidOperationException: a bug")]
    public void Logged_failure_should_be_told_without_actors_and_with_its_trace_only_where_it_is_a_bug(bool isBug,
        string expected)
    {
        Exception cause = isBug ? new InvalidOperationException("a bug")
            : new WalIOException("open", "/d/MANIFEST", false, "no more");
        Assert.Equal(expected,
            NotesLogger.TextOf(new Error(cause, "akka://akkawal/user/stdio/log", typeof(Notes), "it failed")));
        Assert.Equal("[WARNING] x", NotesLogger.TextOf(new Warning("akka://akkawal/user", typeof(Notes), "x")));
    }
}
