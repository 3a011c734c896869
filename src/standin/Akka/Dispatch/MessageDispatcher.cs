namespace Akka.Dispatch;

public interface IRunnable : IThreadPoolWorkItem
{
    void Run();
}

/// <summary>Gives threads to mailboxes.</summary>
public abstract class MessageDispatcher
{
    private protected MessageDispatcher()
    {
    }

    public string Id { get; protected set; }

    /// <summary>How many messages a mailbox handles before it makes room for the next one.</summary>
    public int Throughput { get; set; }

    /// <summary>How long a mailbox may go on with further messages, in ticks of <see cref="TimeSpan"/>; null for as long as its messages take.</summary>
    public long? ThroughputDeadlineTime { get; set; }

    public void Schedule(Action run) => Execute(new Work(run));

    internal abstract void Execute(IThreadPoolWorkItem work);

    /// <summary>An actor on this dispatcher has stopped.</summary>
    internal virtual void Detach()
    {
    }

    /// <summary>The actor system has stopped.</summary>
    internal virtual void Shutdown()
    {
    }

    private sealed class Work(Action run) : IThreadPoolWorkItem
    {
        public void Execute() => run();
    }
}

internal sealed class ThreadPoolDispatcher : MessageDispatcher
{
    public ThreadPoolDispatcher(string id, int throughput)
    {
        Id = id;
        Throughput = throughput;
    }

    internal override void Execute(IThreadPoolWorkItem work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
}

/// <summary>A fixed number of threads of its own, shared by the actors on it.</summary>
internal class DedicatedDispatcher : MessageDispatcher
{
    private readonly DedicatedThreadPool _pool;

    public DedicatedDispatcher(string id, int throughput, int threads)
    {
        Id = id;
        Throughput = throughput;
        _pool = new DedicatedThreadPool(id, threads);
    }

    internal override void Execute(IThreadPoolWorkItem work) => _pool.Queue(work);

    internal override void Shutdown() => _pool.Stop();
}

/// <summary>One thread for one actor; it ends with the actor.</summary>
internal sealed class PinnedDispatcher(string id, int throughput) : DedicatedDispatcher(id, throughput, 1)
{
    internal override void Detach() => Shutdown();
}

/// <summary>
/// Runs an actor on whichever thread posts to it: a message to a probe is in its queue when Tell returns. For the TestKit.
/// </summary>
internal sealed class CallingThreadDispatcher : MessageDispatcher
{
    public CallingThreadDispatcher(string id)
    {
        Id = id;
        Throughput = int.MaxValue;
    }

    internal override void Execute(IThreadPoolWorkItem work) => work.Execute();
}
