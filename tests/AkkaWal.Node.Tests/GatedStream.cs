using System.Text;

namespace AkkaWal.Node.Tests;

/// <summary>An output whose reader can stop reading or close it.</summary>
internal sealed class GatedStream : MemoryStream
{
    private readonly object _gate = new();
    private bool _isOpen = true;
    private bool _isGone;

    /// <summary>The written lines.</summary>
    public string[] Lines
    {
        get
        {
            lock (_gate) return Encoding.UTF8.GetString(ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    /// <summary>Waits until a number of lines was written, and returns them.</summary>
    public string[] WaitForLines(int count)
    {
        lock (_gate)
        {
            while (Lines.Length < count)
            {
                if (!Monitor.Wait(_gate, TimeSpan.FromMinutes(1)))
                    throw new TimeoutException($"{count} lines wanted, but found: {string.Join('\n', Lines)}");
            }

            return Lines;
        }
    }

    /// <summary>The reader stops: writes wait.</summary>
    public void Stop() => Change(() => _isOpen = false);

    /// <summary>The reader goes on.</summary>
    public void GoOn() => Change(() => _isOpen = true);

    /// <summary>The reader goes away: writes fail.</summary>
    public void GoAway() => Change(() => _isGone = true);

    public override void Write(byte[] buffer, int offset, int count)
    {
        lock (_gate)
        {
            while (!_isOpen && !_isGone) Monitor.Wait(_gate);
            if (_isGone) throw new IOException("broken pipe");
            base.Write(buffer, offset, count);
            Monitor.PulseAll(_gate);
        }
    }

    private void Change(Action change)
    {
        lock (_gate)
        {
            change();
            Monitor.PulseAll(_gate);
        }
    }
}
