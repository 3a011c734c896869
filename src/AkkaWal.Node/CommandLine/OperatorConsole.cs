using System.Buffers;
using System.Text;
using AkkaWal.Node.Output;

namespace AkkaWal.Node.CommandLine;

/// <summary>
/// The standard streams as a verb sees them, what is at their other ends, and the signal that ends the verb. For one
/// thread. Output waits in a buffer until <see cref="Flush"/>.
/// </summary>
internal sealed class OperatorConsole(Stream input, Stream output, Stream error)
{
    private const int BufferBytes = 64 << 10, NarrowestColumns = 20, UsualColumns = 80;

    // Far more than a line has: what is no terminal wraps nothing.
    private const int UnboundedColumns = 10_000;

    private readonly ArrayBufferWriter<byte> _waiting = new(BufferBytes);

    /// <summary>Standard input.</summary>
    public Stream Input { get; } = input;

    /// <summary>Whether a person can answer a question.</summary>
    public bool IsInputTerminal { get; init; }

    /// <summary>Whether standard output is a terminal.</summary>
    public bool IsOutputTerminal { get; init; }

    /// <summary>Whether standard error is a terminal.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Whether the person wants neither colour nor pictures (NO_COLOR).</summary>
    public bool IsPlain { get; init; }

    /// <summary>How wide a line of standard output may be.</summary>
    public int Columns { get; init; } = UnboundedColumns;

    /// <summary>Raised by Ctrl-C and by SIGTERM.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>The status with which a verb ends that was stopped.</summary>
    public Func<int> StoppedStatus { get; init; } = static () => ExitStatus.Interrupted;

    /// <summary>Whether standard output gets colour and pictures.</summary>
    public bool IsRich => IsOutputTerminal && !IsPlain;

    /// <summary>
    /// Whether standard error gets bars that move: not where the results go to a file, or to a program that shows them.
    /// </summary>
    public bool ShowsProgress => IsErrorTerminal && IsRich;

    /// <summary>The console of this process.</summary>
    public static OperatorConsole OfProcess(Func<int> stoppedStatus, CancellationToken stopping) => new(
        StandardStream.Open(0), StandardStream.Open(1), StandardStream.Open(2))
    {
        IsInputTerminal = !Console.IsInputRedirected,
        IsOutputTerminal = !Console.IsOutputRedirected,
        IsErrorTerminal = !Console.IsErrorRedirected,
        IsPlain = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 },
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

    /// <summary>Hands everything over. Errors as <see cref="Write(ReadOnlySpan{byte})"/>.</summary>
    public void Flush()
    {
        if (_waiting.WrittenCount > 0) output.Write(_waiting.WrittenSpan);
        _waiting.ResetWrittenCount();
    }

    /// <summary>Writes text to standard error at once; where nobody reads it, it is lost.</summary>
    public void WriteError(string text)
    {
        try
        {
            error.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (IOException)
        {
            // There is no other place to say so.
        }
    }

    /// <summary>A line for people on standard error, without what would move the cursor of a terminal.</summary>
    public void Note(string line) => WriteError($"akkawal: {OneLine(line)}\n");

    /// <summary>The text without control characters, which names of files may have, on one line.</summary>
    public static string OneLine(string text) => text.Any(char.IsControl)
        ? string.Join(' ', string.Concat(text.Select(static letter => char.IsControl(letter) ? ' ' : letter))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries))
        : text;

    /// <summary>Reads what there is of standard input, or waits for something; 0 at its end.</summary>
    /// <exception cref="OperationCanceledException">A signal came first.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public int ReadInput(byte[] buffer, int at)
    {
        // A read that waits ends by no token: it is left to a thread that does not keep the process alive.
        var read = Task.Run(() => Input.Read(buffer, at, buffer.Length - at));
        read.WaitAsync(Stopping).GetAwaiter().GetResult();
        return read.Result;
    }

    // A person may say how wide it is, as to other programs. A pseudo terminal may have no size.
    internal static int WindowColumns(string? said)
    {
        if (int.TryParse(said, out int wanted) && wanted > 0)
            return Math.Clamp(wanted, NarrowestColumns, UnboundedColumns);
        try
        {
            int columns = Console.WindowWidth;
            return columns > 0 ? Math.Max(columns, NarrowestColumns) : UsualColumns;
        }
        catch (IOException)
        {
            return UsualColumns;
        }
    }
}
