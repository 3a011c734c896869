namespace Akka.Actor;

public abstract class ActorBase
{
    private SupervisorStrategy _strategy;

    protected ActorBase()
    {
        var cell = ActorCell.Current
            ?? throw new ActorInitializationException("An actor is made by ActorOf, and not by 'new' elsewhere");
        if (this is IWithTimers withTimers)
            withTimers.Timers = new TimerScheduler(cell);
        cell.Become(Receive);
    }

    protected static IActorContext Context => Cell;

    protected static Receive EmptyReceive => static _ => false;

    protected IActorRef Self => Cell.Self;

    protected IActorRef Sender => Cell.Sender;

    internal SupervisorStrategy Strategy => _strategy ??= SupervisorStrategy();

    private protected static ActorCell Cell => ActorCell.Current
        ?? throw new NotSupportedException("Context is there only while its actor handles a message; what runs later, on another thread, has none.");

    internal void HandleUnhandled(object message) => Unhandled(message);

    internal void CancelTimers() => (this as IWithTimers)?.Timers?.CancelAll();

    protected internal virtual void PreStart()
    {
    }

    protected internal virtual void PostStop()
    {
    }

    protected internal virtual void PreRestart(Exception reason, object message)
    {
        foreach (var child in Context.GetChildren())
        {
            Context.Unwatch(child);
            Context.Stop(child);
        }

        PostStop();
    }

    protected internal virtual void PostRestart(Exception reason) => PreStart();

    protected abstract bool Receive(object message);

    protected virtual void Unhandled(object message)
    {
        if (message is Terminated terminated)
            throw new DeathPactException(terminated.ActorRef);
        Context.System.EventStream.Publish(new Event.UnhandledMessage(message, Sender, Self));
    }

    protected virtual SupervisorStrategy SupervisorStrategy() => Actor.SupervisorStrategy.DefaultStrategy;

    protected void Become(Receive receive) => Context.Become(receive);

    protected void BecomeStacked(Receive receive) => Context.BecomeStacked(receive);

    protected void UnbecomeStacked() => Context.UnbecomeStacked();

    protected void SetReceiveTimeout(TimeSpan? timeout) => Context.SetReceiveTimeout(timeout);
}

public abstract class UntypedActor : ActorBase
{
    protected new static IUntypedActorContext Context => Cell;

    protected sealed override bool Receive(object message)
    {
        OnReceive(message);
        return true;
    }

    protected abstract void OnReceive(object message);

    protected void Become(UntypedReceive receive) => Context.Become(receive);

    protected void BecomeStacked(UntypedReceive receive) => Context.BecomeStacked(receive);

    protected void RunTask(Action action) => Dispatch.ActorTaskScheduler.RunTask(action);

    protected void RunTask(Func<Task> action) => Dispatch.ActorTaskScheduler.RunTask(action);
}
