using System.Text;

namespace AkkaWal.Node.Output;

/// <summary>
/// Standard error: lines for people. Writing never waits for whoever reads it (or does not): what finds no room is
/// dropped and counted. Members may be called from any thread.
/// </summary>
internal sealed class Notes(Stream output)
{
    // Room for a burst: a short line for each of so many lines of input that make no sense.
    private const int MaxWaiting = 1 << 16;

    private readonly object _gate = new();
    private readonly Queue<string> _waiting = new();
    private long _droppedCount;
    private bool _isStarted;
    private bool _isWriting;

    /// <summary>Writes a line, soon.</summary>
    public void Write(string line)
    {
        lock (_gate)
        {
            if (_waiting.Count >= MaxWaiting)
            {
                _droppedCount++;
                return;
            }

            _waiting.Enqueue(line);
            if (!_isStarted) new Thread(Run) { IsBackground = true, Name = "akkawal-notes" }.Start();
            _isStarted = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until everything is written, or the time is up.</summary>
    public void Flush(TimeSpan patience)
    {
        long end = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        lock (_gate)
        {
            while (_waiting.Count > 0 || _isWriting)
            {
                long left = end - Environment.TickCount64;
                if (left <= 0 || !Monitor.Wait(_gate, (int)left)) return;
            }
        }
    }

    private void Run()
    {
        var text = new StringBuilder();
        while (true)
        {
            Take(text);
            try
            {
                output.Write(Encoding.UTF8.GetBytes(text.ToString()));
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
            while (_waiting.Count == 0) Monitor.Wait(_gate);
            text.Clear();
            while (_waiting.TryDequeue(out string? line)) text.Append("akkawal: ").Append(line).Append('\n');
            if (_droppedCount > 0) text.Append("akkawal: ").Append(_droppedCount).Append(" more lines found no room here\n");
            _droppedCount = 0;
            _isWriting = true;
        }
    }
}
