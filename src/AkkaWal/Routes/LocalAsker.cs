using System.Threading.Tasks.Sources;
using Akka.Actor;
using AkkaWal.Protocol;

namespace AkkaWal.Routes;

/// <summary>An actor whose requests get their replies from actors of its own process.</summary>
internal interface ILocalLog;

/// <summary>
/// Receives the reply to one request to a log of this process. Akka.NET's <c>Ask</c> takes about ten times its
/// processor time: it registers a path and sets up a timer and a token for each request.
/// </summary>
/// <remarks>
/// <para>
/// It is not registered, so another node could not answer it. The actors of a log are all in one process. All askers of
/// a route have the same path and are one asker to the log, so it is only for requests whose answer does not depend on
/// earlier requests of their asker.
/// </para>
/// <para>
/// The caller goes on in a work item of its own, in the pool's global queue. In the queue of the thread that replies it
/// would wait until that thread has answered the whole commit.
/// </para>
/// </remarks>
internal sealed class LocalAsker : MinimalActorRef, IValueTaskSource<LogReply>, IThreadPoolWorkItem
{
    private readonly AskDeadlines _deadlines;
    private ManualResetValueTaskSourceCore<LogReply> _caller;
    private CancellationTokenRegistration _cancellation;
    private LogReply? _reply;
    private Exception? _failure;
    private int _isOver;

    private LocalAsker(IActorRefProvider provider, ActorPath path, AskDeadlines deadlines) =>
        (Provider, Path, _deadlines) = (provider, path, deadlines);

    /// <inheritdoc/>
    public override ActorPath Path { get; }

    /// <inheritdoc/>
    public override IActorRefProvider Provider { get; }

    /// <summary>When the wait began. It and the place in the list belong to <see cref="AskDeadlines"/>.</summary>
    internal long BeganAt { get; set; }

    /// <summary>Whether it is in the list.</summary>
    internal bool IsListed { get; set; }

    /// <summary>The request before this one.</summary>
    internal LocalAsker? Previous { get; set; }

    /// <summary>The request behind this one.</summary>
    internal LocalAsker? Next { get; set; }

    /// <summary>Whether a request can be asked in this way.</summary>
    internal static bool CanAsk(ICanTell log, LogRequest request) =>
        request is Append or AppendBatch or Read
        && log is ActorRefWithCell { Underlying: { IsLocal: true } cell }
        && typeof(ILocalLog).IsAssignableFrom(cell.Props.Type);

    /// <summary>Tells the request, and waits for the reply.</summary>
    /// <param name="log">The log.</param>
    /// <param name="path">The path that the route's askers have.</param>
    /// <param name="request">See <see cref="CanAsk"/>.</param>
    /// <param name="deadlines">Ends the wait with an <see cref="AskTimeoutException"/>.</param>
    /// <param name="cancellation">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    internal static ValueTask<LogReply> Ask(
        ActorRefWithCell log, ActorPath path, LogRequest request, AskDeadlines deadlines,
        CancellationToken cancellation)
    {
        var asker = new LocalAsker(log.Provider, path, deadlines);
        deadlines.Add(asker);
        if (cancellation.CanBeCanceled)
        {
            asker._cancellation = cancellation.UnsafeRegister(
                static (self, token) => ((LocalAsker)self!).TryFail(new OperationCanceledException(token)), asker);
        }
        log.Tell(request, asker);
        return new ValueTask<LogReply>(asker, asker._caller.Version);
    }

    /// <summary>Ends the wait with an exception, unless it is over.</summary>
    internal void TryFail(Exception failure)
    {
        if (!TryEnd()) return;
        _failure = failure;
        GoOn();
    }

    /// <inheritdoc/>
    protected override void TellInternal(object message, IActorRef sender)
    {
        if (message is not LogReply reply || !TryEnd()) return;
        _reply = reply;
        GoOn();
    }

    void IThreadPoolWorkItem.Execute() => Complete();

    LogReply IValueTaskSource<LogReply>.GetResult(short token)
    {
        // Here and not when the wait ends, since the caller may still be registering then.
        _cancellation.Unregister();
        return _caller.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<LogReply>.GetStatus(short token) => _caller.GetStatus(token);

    void IValueTaskSource<LogReply>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _caller.OnCompleted(continuation, state, token, flags);

    private bool TryEnd() => Interlocked.Exchange(ref _isOver, 1) == 0;

    private void GoOn()
    {
        try
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        catch (OutOfMemoryException)
        {
            // The queue could not grow. The caller must go on all the same.
            Complete();
        }
    }

    // On the caller's thread and not on the committing one, which would stand at the gate for each of its replies.
    private void Complete()
    {
        _deadlines.Remove(this);
        if (_failure is null) _caller.SetResult(_reply!);
        else _caller.SetException(_failure);
    }
}
