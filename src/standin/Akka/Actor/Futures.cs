using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

public static class Futures
{
    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout = null) =>
        self.Ask<object>(message, timeout, CancellationToken.None);

    public static Task<object> Ask(this ICanTell self, object message, CancellationToken cancellationToken) =>
        self.Ask<object>(message, null, cancellationToken);

    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken) =>
        self.Ask<object>(message, timeout, cancellationToken);

    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout = null) =>
        self.Ask<T>(message, timeout, CancellationToken.None);

    public static Task<T> Ask<T>(this ICanTell self, object message, CancellationToken cancellationToken) =>
        self.Ask<T>(message, null, cancellationToken);

    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var future = new FutureActorRef<T>(ProviderOf(self), timeout, cancellationToken);
        self.Tell(message, future);
        return future.Task;
    }

    public static Task<T> Ask<T>(this ICanTell self, Func<IActorRef, object> messageFactory, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var future = new FutureActorRef<T>(ProviderOf(self), timeout, cancellationToken);
        self.Tell(messageFactory(future), future);
        return future.Task;
    }

    private static IActorRefProvider ProviderOf(ICanTell self) =>
        (ActorCell.Current?.SystemImpl as IActorRefProvider
            ?? (self is ActorSelection selection ? selection.Anchor as IInternalActorRef : self as IInternalActorRef)?.Provider)
        ?? throw new ArgumentException("The target belongs to no actor system, so nothing can be sent the answer", nameof(self));
}

/// <summary>
/// The sender of an ask: the first message that it gets is the answer. What comes after an answer or a time-out is a dead
/// letter, what comes after a cancellation is dropped.
/// </summary>
internal sealed class FutureActorRef<T> : MinimalActorRef
{
    private readonly IActorRefProvider _provider;
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Timer _timer;
    private readonly CancellationTokenRegistration _cancellation;
    private ActorPath _path;

    public FutureActorRef(IActorRefProvider provider, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        _provider = provider;
        var limit = timeout ?? provider.Settings.AskTimeout;
        if (limit > TimeSpan.Zero)
        {
            _timer = new Timer(static state => ((FutureActorRef<T>)state).TimeOut(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Limit = limit;
            _timer.Change(limit, Timeout.InfiniteTimeSpan);
        }

        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static state => ((FutureActorRef<T>)state).Cancel(), this);
    }

    public Task<T> Task => _result.Task;

    public override IActorRefProvider Provider => _provider;

    public override ActorPath Path
    {
        get
        {
            if (_path is null)
                Interlocked.CompareExchange(ref _path, _provider.TempPath(), null);
            return _path;
        }
    }

    private TimeSpan Limit { get; }

    public override void SendSystemMessage(ISystemMessage message)
    {
        if (message is DeathWatchNotification notification)
            Tell(new Terminated(notification.Actor, notification.ExistenceConfirmed, false), notification.Actor);
    }

    protected override void TellInternal(object message, IActorRef sender)
    {
        var taken = message switch
        {
            T answer => _result.TrySetResult(answer),
            null => _result.TrySetResult(default),
            Status.Failure failure => _result.TrySetException(failure.Cause ?? new TaskCanceledException("The actor answered with a failure that names no cause.")),
            _ => !_result.TrySetException(new ArgumentException($"The answer is a {message.GetType()}, and not the {typeof(T)} that was asked for")) && false,
        };
        Release();
        if (!taken && !_result.Task.IsCanceled)
            _provider.DeadLetters.Tell(message, this);
    }

    private void TimeOut()
    {
        if (_result.TrySetException(new AskTimeoutException($"No answer within {Limit.TotalSeconds:F2} s")))
            Release();
    }

    private void Cancel()
    {
        if (_result.TrySetCanceled())
            Release();
    }

    private void Release()
    {
        _timer?.Dispose();
        _cancellation.Unregister();
    }
}

public static class GracefulStopSupport
{
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout) => GracefulStop(target, timeout, PoisonPill.Instance);

    /// <summary>False where the target has not stopped within the time.</summary>
    public static async Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout, object stopMessage)
    {
        var watched = (IInternalActorRef)target;
        var watcher = new FutureActorRef<Terminated>(watched.Provider, timeout, CancellationToken.None);
        watched.SendSystemMessage(new Watch(watched, watcher));
        watched.Tell(stopMessage, ActorRefs.NoSender);
        await ((Task)watcher.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        watched.SendSystemMessage(new Unwatch(watched, watcher));
        return watcher.Task.IsCompletedSuccessfully;
    }
}
