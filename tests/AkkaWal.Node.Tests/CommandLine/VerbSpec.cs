using System.Text;
using System.Text.Json;
using AkkaWal.Node.CommandLine;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.CommandLine;

/// <summary>The base of the verbs' specs: a small real log, and a method to run verbs on it in this process.</summary>
public abstract class VerbSpec : IDisposable
{
    /// <summary>Two records of ten bytes fill a segment of the log.</summary>
    private const int SegmentBytes = 40;

    protected VerbSpec()
    {
        Root = Directory.CreateTempSubdirectory("verb-tests-").FullName;
        Log = Path.Combine(Root, "log");
    }

    protected string Root { get; }

    /// <summary>The log's directory; there is none until <see cref="Fill"/> makes it.</summary>
    protected string Log { get; }

    private protected static WalOptions Small => new() { MaxSegmentBytes = SegmentBytes };

    /// <summary>Appends records "record-000" on, ten bytes each, and closes the log.</summary>
    protected void Fill(int count)
    {
        using var log = SegmentedLog.Open(Log, Small);
        for (var appended = 0; appended < count; appended++)
            log.Append(Encoding.UTF8.GetBytes($"record-{log.NextOffset:000}"));
        log.Close();
    }

    /// <summary>Changes one byte of a file.</summary>
    protected void Damage(string file, int position)
    {
        var path = Path.Combine(Log, file);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var stream = new FileStream(path, FileMode.Open);
        stream.Position = position;
        var found = stream.ReadByte();
        stream.Position = position;
        stream.WriteByte((byte)(found ^ 1));
    }

    /// <summary>Changes a byte of the last record of a segment that was closed.</summary>
    protected void DamageLastRecord(string file) =>
        Damage(file, (int)new FileInfo(Path.Combine(Log, file)).Length - 1);

    private protected static VerbOutcome Run(params string[] arguments) => Run("", arguments);

    private protected static VerbOutcome Run(
        string input, string[] arguments, Func<Stream, Stream, Stream, OperatorConsole>? console = null)
    {
        using var given = new MemoryStream(Encoding.UTF8.GetBytes(input));
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        var status = OperatorTool.Run(
            arguments, console?.Invoke(given, output, error) ?? new OperatorConsole(given, output, error));
        return new VerbOutcome(
            status, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }

    public void Dispose()
    {
        Directory.Delete(Root, true);
        GC.SuppressFinalize(this);
    }
}

/// <summary>How a verb ended.</summary>
internal sealed record VerbOutcome(int Status, string Output, string Error)
{
    /// <summary>The one document that it printed.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>Requires a status and that the error is one line with some text in it.</summary>
    public VerbOutcome RequireError(int status, params string[] texts)
    {
        Assert.Equal(status, Status);
        Assert.Equal(1, Error.Count(letter => letter == '\n'));
        Assert.EndsWith("\n", Error, StringComparison.Ordinal);
        foreach (var text in texts) Assert.Contains(text, Error, StringComparison.Ordinal);
        return this;
    }

    /// <summary>Requires the status 0 and nothing on standard error.</summary>
    public VerbOutcome RequireFine()
    {
        Assert.Equal((0, ""), (Status, Error));
        return this;
    }
}
