using System.Buffers;
using System.Text;
using AkkaWal.Node.Output;

namespace AkkaWal.Node.CommandLine;

/// <summary>
/// The standard streams of a verb, what they are connected to, and the signal that ends the verb. For one thread.
/// Output waits in a buffer until <see cref="Flush"/>.
/// </summary>
internal sealed class OperatorConsole(Stream input, Stream output, Stream error)
{
    private const int BufferBytes = 64 << 10, NarrowestColumns = 20, UsualColumns = 80;

    // The width of output that is not a terminal: lines are not wrapped.
    private const int UnboundedColumns = 10_000;

    private readonly ArrayBufferWriter<byte> _waiting = new(BufferBytes);

    /// <summary>Standard input.</summary>
    public Stream Input { get; } = input;

    /// <summary>Whether standard input is a terminal, so that questions can be answered.</summary>
    public bool IsInputTerminal { get; init; }

    /// <summary>Whether standard output is a terminal.</summary>
    public bool IsOutputTerminal { get; init; }

    /// <summary>Whether standard error is a terminal.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Whether colours and pictures are switched off (NO_COLOR), or the terminal has none.</summary>
    public bool IsPlain { get; init; }

    /// <summary>The width of standard output, in columns.</summary>
    public int Columns { get; init; } = UnboundedColumns;

    /// <summary>Raised by Ctrl-C and by SIGTERM.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>The exit status of a verb that was stopped by a signal.</summary>
    public Func<int> StoppedStatus { get; init; } = static () => ExitStatus.Interrupted;

    /// <summary>Whether standard output gets colours and pictures.</summary>
    public bool IsRich => IsOutputTerminal && !IsPlain;

    /// <summary>
    /// Whether standard error gets progress bars. It does not if the results go to a file or to another program.
    /// </summary>
    public bool ShowsProgress => IsErrorTerminal && IsRich;

    // A terminal that can't move its cursor. On Windows no terminal has a name.
    private static bool IsDumbTerminal =>
        !OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";

    /// <summary>The console of this process.</summary>
    public static OperatorConsole OfProcess(Func<int> stoppedStatus, CancellationToken stopping) => new(
        StandardStream.Open(0), StandardStream.Open(1), StandardStream.Open(2))
    {
        IsInputTerminal = !Console.IsInputRedirected,
        IsOutputTerminal = !Console.IsOutputRedirected,
        IsErrorTerminal = !Console.IsErrorRedirected,
        IsPlain = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || IsDumbTerminal,
        Columns = Console.IsOutputRedirected
            ? UnboundedColumns
            : WindowColumns(Environment.GetEnvironmentVariable("COLUMNS")),
        Stopping = stopping,
        StoppedStatus = stoppedStatus,
    };

    /// <summary>Writes bytes as they are.</summary>
    /// <exception cref="IOException">Standard output can't be written.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _waiting.Write(bytes);
        if (_waiting.WrittenCount >= BufferBytes) Flush();
    }

    /// <summary>Writes text. Errors as <see cref="Write(ReadOnlySpan{byte})"/>.</summary>
    public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes the buffer. Errors as <see cref="Write(ReadOnlySpan{byte})"/>.</summary>
    public void Flush()
    {
        if (_waiting.WrittenCount > 0) output.Write(_waiting.WrittenSpan);
        _waiting.ResetWrittenCount();
    }

    /// <summary>Writes text to standard error at once. If it has no reader, the text is lost.</summary>
    public void WriteError(string text)
    {
        try
        {
            error.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (IOException)
        {
            // There is no other place to report that.
        }
    }

    /// <summary>
    /// Writes a line to standard error, without control characters that would move a terminal's cursor.
    /// </summary>
    public void Note(string line) => WriteError($"akkawal: {OneLine(line)}\n");

    /// <summary>The text on one line and without control characters, which file names may contain.</summary>
    public static string OneLine(string text) => text.Any(char.IsControl)
        ? string.Join(' ', string.Concat(text.Select(static letter => char.IsControl(letter) ? ' ' : letter))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries))
        : text;

    /// <summary>Reads the available bytes of standard input, or waits for some; 0 at its end.</summary>
    /// <exception cref="OperationCanceledException">A signal came first.</exception>
    /// <exception cref="VerbException">It can't be read.</exception>
    public int ReadInput(byte[] buffer, int at)
    {
        // A token can't end a read that waits. So it runs on a thread that does not keep the process alive.
        var read = Task.Run(() => Input.Read(buffer, at, buffer.Length - at));
        try
        {
            return read.WaitAsync(Stopping).GetAwaiter().GetResult();
        }
        catch (IOException e)
        {
            throw new VerbException($"standard input can't be read: {e.Message}", "", ExitStatus.Fault, e);
        }
    }

    // A person may say how wide it is, as to other programs. A pseudo terminal may have no size.
    internal static int WindowColumns(string? said)
    {
        if (int.TryParse(said, out var wanted) && wanted > 0)
            return Math.Clamp(wanted, NarrowestColumns, UnboundedColumns);
        try
        {
            var columns = Console.WindowWidth;
            return columns > 0 ? Math.Max(columns, NarrowestColumns) : UsualColumns;
        }
        catch (IOException)
        {
            return UsualColumns;
        }
    }
}
