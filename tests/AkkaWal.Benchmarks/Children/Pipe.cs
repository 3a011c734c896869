using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace AkkaWal.Benchmarks.Children;

/// <summary>A process that answers each line of its input with a line. It measures how long many lines take.</summary>
internal sealed class Pipe : IDisposable
{
    internal const string Init =
        """{"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"]}}""";
    private const int WriteBytes = 64 << 10;

    private readonly Process _process;
    private readonly Stream _input, _output;

    internal Pipe(Process process)
    {
        _process = process;
        (_input, _output) = (process.StandardInput.BaseStream, process.StandardOutput.BaseStream);
        // Standard error is read, so that its pipe is never full.
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
    }

    /// <summary>The most memory that the process has held so far.</summary>
    internal double PeakMebiBytes => ProcessMemory.PeakMebiBytesOf(_process.Id);

    /// <summary>Lines of requests. They differ in their id and in the values that are made from it.</summary>
    internal static byte[] Lines(int count, Func<int, string> body)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
            text.Append(
                CultureInfo.InvariantCulture,
                $$$"""{"src":"c1","dest":"n1","body":{"msg_id":{{{i + 2}}},{{{body(i)}}}}}""").Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Sends lines as fast as the process reads them, and returns when each has its reply.</summary>
    /// <returns>How long it took.</returns>
    internal TimeSpan Exchange(byte[] lines, int replies)
    {
        var clock = Stopwatch.StartNew();
        var writer = Task.Run(() =>
        {
            for (var at = 0; at < lines.Length; at += WriteBytes)
                _input.Write(lines, at, Math.Min(WriteBytes, lines.Length - at));
            _input.Flush();
        });
        var buffer = new byte[WriteBytes];
        var text = new StringBuilder();
        for (var left = replies; left > 0;)
        {
            var count = _output.Read(buffer);
            if (count == 0) throw new InvalidOperationException("the process ended");
            if (text.Length == 0) text.Append(Encoding.UTF8.GetString(buffer, 0, Math.Min(count, 200)));
            left -= buffer.AsSpan(0, count).Count((byte)'\n');
        }
        var elapsed = clock.Elapsed;
        writer.GetAwaiter().GetResult();
        if (text.ToString().Contains("\"error\"", StringComparison.Ordinal))
            throw new InvalidOperationException(text.ToString());
        return elapsed;
    }

    public void Dispose()
    {
        _input.Dispose();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(20))) _process.Kill();
        _process.Dispose();
    }
}
