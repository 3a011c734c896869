using System.Diagnostics;
using AkkaWal.Storage;

namespace AkkaWal.Node.Kafka;

/// <summary>
/// That one process alone serves the keys of a node: each key's log has a lock of its own, but those are held only
/// while a log is open. Tried when it is asked for, and not at each of many requests. Owned by one actor.
/// </summary>
internal sealed class Ownership(Func<IDisposable> take)
{
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMilliseconds(100);

    private IDisposable? _held;
    private string _reason = "";
    private long _triedAt;

    /// <summary>Why the keys are not this process's; null where they are.</summary>
    public string? Refusal()
    {
        if (_held is not null) return null;
        if (_triedAt != 0 && Stopwatch.GetElapsedTime(_triedAt) < LeastInterval) return _reason;
        _triedAt = Stopwatch.GetTimestamp();
        try
        {
            _held = take();
            return null;
        }
        catch (WalException e)
        {
            return _reason = e.Message;
        }
    }

    /// <summary>Lets go of them.</summary>
    public void LetGo()
    {
        _held?.Dispose();
        _held = null;
    }
}
