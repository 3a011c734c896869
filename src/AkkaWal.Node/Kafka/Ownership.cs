using System.Diagnostics;
using AkkaWal.Storage;

namespace AkkaWal.Node.Kafka;

/// <summary>
/// Makes one process alone serve the keys of a node. (Each key's log has a lock too, but only while it is open.) The
/// lock is tried when a request needs it, at most once in the interval. Owned by one actor.
/// </summary>
internal sealed class Ownership(Func<IDisposable> acquire)
{
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMilliseconds(100);

    private IDisposable? _held;
    private string _reason = "";
    private long _triedAt;

    /// <summary>Why this process may not serve the keys; null where it may.</summary>
    public string? Refusal()
    {
        if (_held is not null) return null;
        if (_triedAt != 0 && Stopwatch.GetElapsedTime(_triedAt) < LeastInterval) return _reason;
        _triedAt = Stopwatch.GetTimestamp();
        try
        {
            _held = acquire();
            return null;
        }
        catch (WalException e)
        {
            return _reason = e.Message;
        }
    }

    /// <summary>Releases the lock.</summary>
    public void LetGo()
    {
        _held?.Dispose();
        _held = null;
    }
}
