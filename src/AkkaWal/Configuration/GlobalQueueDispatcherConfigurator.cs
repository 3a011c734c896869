using Akka.Configuration;
using Akka.Dispatch;

namespace AkkaWal.Configuration;

/// <summary>
/// Makes dispatchers of type <c>AkkaWal.Configuration.GlobalQueueDispatcherConfigurator, AkkaWal</c>. They run
/// mailboxes on the runtime's thread pool through its global queue.
/// </summary>
/// <remarks>
/// Akka.NET's own <c>type = Dispatcher</c> queues a mailbox to the thread that sends, and it runs when that thread is
/// free. A manager with many writers would then run behind each of them, and take one message a run. From the global
/// queue it runs once for all messages that have come by then, and its segment gets them together.
/// </remarks>
public sealed class GlobalQueueDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly GlobalQueueDispatcher _instance;

    /// <summary>Called by Akka.NET, once for each dispatcher of this type.</summary>
    public GlobalQueueDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) =>
        _instance = new GlobalQueueDispatcher(this) { Throughput = config.GetInt("throughput") };

    /// <summary>The one dispatcher of this configuration.</summary>
    public override MessageDispatcher Dispatcher() => _instance;

    private sealed class GlobalQueueDispatcher(MessageDispatcherConfigurator configurator)
        : MessageDispatcher(configurator)
    {
        protected override void ExecuteTask(IRunnable run) =>
            ThreadPool.UnsafeQueueUserWorkItem(static task => task.Run(), run, preferLocal: false);

        // It owns no threads.
        protected override void Shutdown()
        {
        }
    }
}
