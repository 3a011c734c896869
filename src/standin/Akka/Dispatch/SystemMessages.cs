using Akka.Actor;

namespace Akka.Dispatch.SysMsg;

public interface ISystemMessage : INoSerializationVerificationNeeded
{
}

/// <summary>
/// What actors say to each other about their lives. Handled before any user message, and linked into the receiver's
/// queue through <see cref="Next"/>, so that one object must never be sent twice.
/// </summary>
internal abstract class SystemMessage : ISystemMessage
{
    public SystemMessage Next;

    /// <summary>Waits while the receiver waits for its children to stop before a restart.</summary>
    public virtual bool StashedWhenWaitingForChildren => false;

    /// <summary>Waits while the receiver itself has failed, or awaits a task.</summary>
    public virtual bool StashedWhenSuspended => false;
}

internal sealed class Create : SystemMessage;

internal sealed class Terminate : SystemMessage;

internal sealed class Suspend : SystemMessage
{
    public override bool StashedWhenWaitingForChildren => true;
}

internal sealed class Resume(Exception causedByFailure) : SystemMessage
{
    public Exception CausedByFailure => causedByFailure;

    public override bool StashedWhenWaitingForChildren => true;
}

internal sealed class Recreate(Exception cause) : SystemMessage
{
    public Exception Cause => cause;

    public override bool StashedWhenWaitingForChildren => true;
}

internal sealed class Failed(IActorRef child, Exception cause) : SystemMessage
{
    public IActorRef Child => child;

    public Exception Cause => cause;

    public override bool StashedWhenWaitingForChildren => true;

    public override bool StashedWhenSuspended => true;
}

internal sealed class Watch(IInternalActorRef watchee, IInternalActorRef watcher) : SystemMessage
{
    public IInternalActorRef Watchee => watchee;

    public IInternalActorRef Watcher => watcher;
}

internal sealed class Unwatch(IInternalActorRef watchee, IInternalActorRef watcher) : SystemMessage
{
    public IInternalActorRef Watchee => watchee;

    public IInternalActorRef Watcher => watcher;
}

internal sealed class DeathWatchNotification(IActorRef actor, bool existenceConfirmed) : SystemMessage
{
    public IActorRef Actor => actor;

    public bool ExistenceConfirmed => existenceConfirmed;
}

/// <summary>A piece of an asynchronous handler: its next step, or the exception it ended with.</summary>
internal sealed class RunTask(Task task, Exception exception, object message) : SystemMessage
{
    public Task Task => task;

    public Exception Exception => exception;

    public object Message => message;
}
