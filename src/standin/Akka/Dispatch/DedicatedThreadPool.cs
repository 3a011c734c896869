using System.Collections.Concurrent;

namespace Akka.Dispatch;

/// <summary>
/// Background threads that are started with the first work item. An idle thread spins for a moment before it sleeps; a producer wakes one
/// only where one sleeps. A longer spin would take the processor from whoever is to give it work.
/// </summary>
internal sealed class DedicatedThreadPool
{
    private const int SpinsBeforeSleep = 20;

    private readonly ConcurrentQueue<IThreadPoolWorkItem> _queue = new();
    private readonly Lock _starting = new();
    private readonly Semaphore _wake = new(0, int.MaxValue);
    private readonly string _name;
    private readonly int _count;

    // Threads that wait and that nobody has begun to wake.
    private int _waiting;
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

        // Who waits counts itself before it looks into the queue for the last time; one of us sees the other.
        Interlocked.MemoryBarrier();
        TryWakeOne();
    }

    /// <summary>The threads end when the queue is empty.</summary>
    public void Stop()
    {
        _stopped = true;
        Interlocked.MemoryBarrier();
        while (TryWakeOne())
        {
        }
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
        while (true)
        {
            var spin = default(SpinWait);
            for (var spins = 0; spins < SpinsBeforeSleep; spins++)
            {
                while (_queue.TryDequeue(out var work))
                {
                    work.Execute();
                    (spin, spins) = (default, 0);
                }

                spin.SpinOnce(sleep1Threshold: -1);
            }

            if (_stopped && _queue.IsEmpty)
                return;
            Interlocked.Increment(ref _waiting);
            if (!_queue.IsEmpty || _stopped)
                TryWakeOne();
            _wake.WaitOne();
        }
    }

    private bool TryWakeOne()
    {
        for (var waiting = Volatile.Read(ref _waiting); waiting > 0;)
        {
            var seen = Interlocked.CompareExchange(ref _waiting, waiting - 1, waiting);
            if (seen == waiting)
            {
                _wake.Release();
                return true;
            }

            waiting = seen;
        }

        return false;
    }
}
