using System.Collections.Concurrent;

namespace Akka.Dispatch;

/// <summary>
/// Background threads that are started with the first work item. An idle thread spins for a moment before it sleeps, and
/// a producer takes the lock only where somebody sleeps.
/// </summary>
internal sealed class DedicatedThreadPool
{
    private const int SpinsBeforeSleep = 20;

    private readonly ConcurrentQueue<IThreadPoolWorkItem> _queue = new();
    private readonly Lock _starting = new();
    private readonly object _sleepers = new();
    private readonly string _name;
    private readonly int _count;
    private int _sleeping;
    private volatile bool _started;
    private volatile bool _stopped;

    public DedicatedThreadPool(string name, int count)
    {
        _name = name;
        _count = count;
    }

    public void Queue(IThreadPoolWorkItem work)
    {
        if (!_started)
            Start();
        _queue.Enqueue(work);

        // The sleeper counts itself before it looks into the queue for the last time; one of us sees the other.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _sleeping) == 0)
            return;
        lock (_sleepers)
            Monitor.Pulse(_sleepers);
    }

    /// <summary>The threads end when the queue is empty.</summary>
    public void Stop()
    {
        _stopped = true;
        lock (_sleepers)
            Monitor.PulseAll(_sleepers);
    }

    private void Start()
    {
        lock (_starting)
        {
            if (_started)
                return;
            for (var i = 0; i < _count; i++)
                new Thread(Run) { IsBackground = true, Name = $"{_name}_{i}" }.UnsafeStart();
            _started = true;
        }
    }

    private void Run()
    {
        while (Take() is { } work)
            work.Execute();
    }

    private IThreadPoolWorkItem Take()
    {
        var spin = default(SpinWait);
        for (var i = 0; i < SpinsBeforeSleep; i++)
        {
            if (_queue.TryDequeue(out var work))
                return work;
            spin.SpinOnce(sleep1Threshold: -1);
        }

        lock (_sleepers)
        {
            Interlocked.Increment(ref _sleeping);
            try
            {
                while (true)
                {
                    if (_queue.TryDequeue(out var work))
                        return work;
                    if (_stopped)
                        return null;
                    Monitor.Wait(_sleepers);
                }
            }
            finally
            {
                Interlocked.Decrement(ref _sleeping);
            }
        }
    }
}
