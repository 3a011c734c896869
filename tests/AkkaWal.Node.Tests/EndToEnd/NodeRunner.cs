using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace AkkaWal.Node.Tests.EndToEnd;

/// <summary>The built program as a process of its own, and its three pipes.</summary>
internal sealed class NodeRunner : IDisposable
{
    public const string Init =
        """{"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"]}}""";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Task<string> _standardError;

    public NodeRunner(string temporary, params string[] arguments) : this(temporary, null, arguments)
    {
    }

    /// <param name="temporary">The folder for temporary files.</param>
    /// <param name="files">The file system, as AKKAWAL_TEST_FILES names it; the machine's own where null.</param>
    /// <param name="arguments">The program's arguments.</param>
    public NodeRunner(string temporary, string? files, string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "AkkaWal.Node");
        if (!arguments.Any(argument => argument.StartsWith("--config", StringComparison.Ordinal)))
            arguments = [.. arguments, "--config", Path.Combine(AppContext.BaseDirectory, "EndToEnd", "patient.conf")];

        // A process that a shell starts in the background ignores SIGINT, and so do its children. Tests of the signal
        // need it back.
        var start = IsInterruptIgnored()
            ? new ProcessStartInfo("env", ["--default-signal=INT", program, .. arguments])
            : new ProcessStartInfo(program, arguments);

        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.StandardOutputEncoding = new UTF8Encoding(false, true);
        start.Environment.Remove("AKKAWAL_DATA_DIR");
        start.Environment.Remove("AKKAWAL_FLUSH");
        start.Environment["TMPDIR"] = temporary;
        if (files is not null) start.Environment["AKKAWAL_TEST_FILES"] = files;
        _process = Process.Start(start)!;
        _standardError = _process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    /// <summary>Standard input, unbuffered.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    public StreamReader Output => _process.StandardOutput;

    /// <summary>Gives a program its whole input at once, and waits for its end.</summary>
    public static async Task<(string[] Lines, string Notes, int Status)> Run(
        string temporary, byte[] input, params string[] arguments)
    {
        using var node = new NodeRunner(temporary, arguments);
        var output = node.Output.ReadToEndAsync();
        await node.Input.WriteAsync(input).AsTask().WaitAsync(Patience);
        node.Input.Close();
        var text = await output.WaitAsync(Patience);
        var (notes, status) = await node.End();
        return (text.Split('\n', StringSplitOptions.RemoveEmptyEntries), notes, status);
    }

    public void Send(params string[] lines)
    {
        foreach (var line in lines) Input.Write(Encoding.UTF8.GetBytes(line + "\n"));
        Input.Flush();
    }

    public async Task<string> ReadLine() =>
        await Output.ReadLineAsync().WaitAsync(Patience)
            ?? throw new EndOfStreamException("standard output has ended: " + await _standardError);

    /// <summary>Waits for the end of the process.</summary>
    public async Task<(string Notes, int Status)> End()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return (await _standardError, _process.ExitCode);
    }

    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{Id}"]);
        kill.WaitForExit();
    }

    private static bool IsInterruptIgnored()
    {
        const string Label = "SigIgn:";
        const ulong InterruptBit = 1 << (2 - 1);
        var mask = File.ReadLines("/proc/self/status")
            .First(line => line.StartsWith(Label, StringComparison.Ordinal))[Label.Length..];
        return (ulong.Parse(
            mask, NumberStyles.HexNumber | NumberStyles.AllowLeadingWhite,
            CultureInfo.InvariantCulture) & InterruptBit) != 0;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
