using System.Diagnostics;
using System.Text;
using AkkaWal.Storage;

namespace AkkaWal.Node.Output;

/// <summary>
/// Writes lines for operators to standard error. Repeated notes are written a few times and then counted. Writing never
/// waits for a reader: lines without room are dropped and counted. Members may be called from any thread.
/// </summary>
internal sealed class Notes
{
    // Repeated notes are counted during this time. The kinds are bounded, so few lines are written in it.
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

    /// <summary>Queues a line, or counts it where it repeats others. Never waits.</summary>
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

    /// <summary>Waits until everything is written, the counts included, or the time is up.</summary>
    public void Flush(TimeSpan patience)
    {
        var end = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        lock (_gate)
        {
            EndWindow();
            while (_waiting.Count > 0 || _isWriting)
            {
                var left = end - Environment.TickCount64;
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
            DequeueInto(text);
            try
            {
                _output.Write(Encoding.UTF8.GetBytes(text.ToString()));
            }
            catch (IOException)
            {
                // Standard error has no reader, and there is no other place to report that.
            }

            lock (_gate)
            {
                _isWriting = false;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void DequeueInto(StringBuilder text)
    {
        lock (_gate)
        {
            while (!WindowIsOver() && _waiting.Count == 0) Monitor.Wait(_gate, WindowLeft());
            if (WindowIsOver()) EndWindow();
            text.Clear();
            while (_waiting.TryDequeue(out var line)) text.Append("akkawal: ").Append(line).Append('\n');
            if (_droppedCount > 0)
                text.Append("akkawal: ").Append(_droppedCount).Append(" more lines found no room here\n");
            _droppedCount = 0;
            _isWriting = true;
        }
    }

    private bool WindowIsOver() => _windowBegan is { } began && Stopwatch.GetElapsedTime(began) >= Window;

    // In whole milliseconds, rounded up, so that the window is over when the wait ends.
    private TimeSpan WindowLeft() => _windowBegan is { } began
        ? TimeSpan.FromMilliseconds(
            Math.Max(1, Math.Ceiling((Window - Stopwatch.GetElapsedTime(began)).TotalMilliseconds)))
        : Timeout.InfiniteTimeSpan;
}
