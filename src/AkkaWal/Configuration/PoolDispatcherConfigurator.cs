using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Configuration;
using Akka.Dispatch;

namespace AkkaWal.Configuration;

/// <summary>
/// Makes dispatchers of type <c>AkkaWal.Configuration.PoolDispatcherConfigurator, AkkaWal</c>. They run mailboxes on
/// the runtime's thread pool, on at most <c>max-threads</c> of its threads at a time.
/// </summary>
/// <remarks>
/// <para>
/// With <c>queue = local</c> a mailbox is queued to the thread that sends, and runs when that thread is free. With
/// <c>queue = global</c> it goes through the pool's global queue. A manager with many writers would run behind each of
/// them from the local queue, and take one message a run; from the global one it runs once for all messages that have
/// come by then, and its segment gets them together.
/// </para>
/// <para>
/// Actors of a log block on the disk. Without a limit each open log could block a thread of the pool, and the pool
/// would make another one in its place.
/// </para>
/// </remarks>
public sealed class PoolDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly PoolDispatcher _instance;

    /// <summary>Called by Akka.NET, once for each dispatcher of this type.</summary>
    /// <exception cref="ConfigurationException">
    /// <c>queue</c> is neither <c>local</c> nor <c>global</c>, or <c>max-threads</c> is less than 1.
    /// </exception>
    public PoolDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites)
    {
        var (queue, maxThreads) = (config.GetString("queue"), config.GetInt("max-threads"));
        if (queue is not ("local" or "global"))
            throw new ConfigurationException($"queue must be local or global, not '{queue}'");
        if (maxThreads < 1) throw new ConfigurationException($"max-threads must be at least 1, not {maxThreads}");
        _instance = new PoolDispatcher(this, queue == "local", maxThreads) { Throughput = config.GetInt("throughput") };
    }

    /// <summary>The one dispatcher of this configuration.</summary>
    public override MessageDispatcher Dispatcher() => _instance;

    private sealed class PoolDispatcher(MessageDispatcherConfigurator configurator, bool isLocal, int maxThreads)
        : MessageDispatcher(configurator)
    {
        // The runs that got no place, in their order. A run that gives its place back starts the next one.
        private readonly ConcurrentQueue<PlacedRun> _waiting = new();
        private int _taken;

        protected override void ExecuteTask(IRunnable run)
        {
            // Allocated before a place is acquired.
            var placed = new PlacedRun(this, run);
            if (TryAcquirePlace())
            {
                Queue(placed);
                return;
            }
            _waiting.Enqueue(placed);
            // All places may have been given back before it was waiting.
            QueueWaiting();
        }

        // It owns no threads.
        protected override void Shutdown()
        {
        }

        private void Execute(IRunnable run)
        {
            try
            {
                run.Run();
            }
            finally
            {
                GiveBackPlace();
                QueueWaiting();
            }
        }

        private void QueueWaiting()
        {
            while (!_waiting.IsEmpty && TryAcquirePlace())
            {
                if (_waiting.TryDequeue(out var next)) Queue(next);
                else GiveBackPlace();
            }
        }

        // The count must never exceed the places, not even for a moment: another thread would get no place then, and
        // wait.
        private bool TryAcquirePlace()
        {
            for (var taken = Volatile.Read(ref _taken); taken < maxThreads;)
            {
                var before = Interlocked.CompareExchange(ref _taken, taken + 1, taken);
                if (before == taken) return true;
                taken = before;
            }
            return false;
        }

        private void GiveBackPlace()
        {
            var left = Interlocked.Decrement(ref _taken);
            Debug.Assert(left >= 0, "a place that is given back was taken");
        }

        private void Queue(PlacedRun run)
        {
            try
            {
                ThreadPool.UnsafeQueueUserWorkItem(run, preferLocal: isLocal);
            }
            catch
            {
                // There is no memory for it.
                GiveBackPlace();
                throw;
            }
        }

        private sealed class PlacedRun(PoolDispatcher owner, IRunnable run) : IThreadPoolWorkItem
        {
            public void Execute() => owner.Execute(run);
        }
    }
}
