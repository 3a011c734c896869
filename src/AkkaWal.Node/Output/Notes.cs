using System.Diagnostics;
using System.Text;
using AkkaWal.Storage;

namespace AkkaWal.Node.Output;

/// <summary>
/// Standard error: lines for people. Of many that say the same of something else, a few are written and the others
/// counted. Writing never waits for whoever reads it (or does not): what finds no room is dropped and counted. Members
/// may be called from any thread.
/// </summary>
internal sealed class Notes
{
    // So long notes of a kind are counted together: some lines for each of a bounded number of kinds come in that time.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    internal const int MaxWaiting = 1024;

    private readonly object _gate = new();
    private readonly Queue<string> _waiting = new();
    private readonly RepeatedNotes _repeated;
    private readonly Stream _output;
    private long? _windowBegan;
    private long _droppedCount;
    private bool _isStarted;
    private bool _isWriting;

    /// <param name="output">Standard error.</param>
    public Notes(Stream output)
    {
        _output = output;
        _repeated = new RepeatedNotes(Enqueue);
    }

    /// <summary>Writes a line, or counts it: soon.</summary>
    public void Write(string line)
    {
        lock (_gate)
        {
            _windowBegan ??= Stopwatch.GetTimestamp();
            _repeated.Note(line);
            if (!_isStarted) new Thread(Run) { IsBackground = true, Name = "akkawal-notes" }.Start();
            _isStarted = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until everything is written, what was counted too, or the time is up.</summary>
    public void Flush(TimeSpan patience)
    {
        long end = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        lock (_gate)
        {
            EndWindow();
            while (_waiting.Count > 0 || _isWriting)
            {
                long left = end - Environment.TickCount64;
                if (left <= 0 || !Monitor.Wait(_gate, (int)left)) return;
            }
        }
    }

    private void Enqueue(string line)
    {
        if (_waiting.Count < MaxWaiting) _waiting.Enqueue(line);
        else _droppedCount++;
    }

    private void EndWindow()
    {
        _repeated.End();
        _windowBegan = null;
        Monitor.PulseAll(_gate);
    }

    private void Run()
    {
        var text = new StringBuilder();
        while (true)
        {
            Take(text);
            try
            {
                _output.Write(Encoding.UTF8.GetBytes(text.ToString()));
            }
            catch (IOException)
            {
                // Nobody reads standard error, and there is no other place to say so.
            }

            lock (_gate)
            {
                _isWriting = false;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void Take(StringBuilder text)
    {
        lock (_gate)
        {
            while (!WindowIsOver() && _waiting.Count == 0) Monitor.Wait(_gate, WindowLeft());
            if (WindowIsOver()) EndWindow();
            text.Clear();
            while (_waiting.TryDequeue(out string? line)) text.Append("akkawal: ").Append(line).Append('\n');
            if (_droppedCount > 0) text.Append("akkawal: ").Append(_droppedCount).Append(" more lines found no room here\n");
            _droppedCount = 0;
            _isWriting = true;
        }
    }

    private bool WindowIsOver() => _windowBegan is { } began && Stopwatch.GetElapsedTime(began) >= Window;

    // In whole milliseconds, rounded up: at the end of a wait the window is over.
    private TimeSpan WindowLeft() => _windowBegan is { } began
        ? TimeSpan.FromMilliseconds(
            Math.Max(1, Math.Ceiling((Window - Stopwatch.GetElapsedTime(began)).TotalMilliseconds)))
        : Timeout.InfiniteTimeSpan;
}
