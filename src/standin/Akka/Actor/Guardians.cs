using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

/// <summary>The parent of all that a user, or the system, starts; it has nothing to say itself.</summary>
internal sealed class GuardianActor : ActorBase
{
    protected override bool Receive(object message)
    {
        Cell.SystemImpl.DeadLetterRef.Publish(message, Sender, Self);
        return true;
    }

    protected internal override void PreRestart(Exception reason, object message)
    {
        // A guardian must not lose its children.
    }

    protected internal override void PostRestart(Exception reason)
    {
    }
}

/// <summary>The parent of the guardians: a failure that reaches it, or the end of a guardian, ends the system.</summary>
internal sealed class RootGuardian(ActorSystemImpl system) : MinimalActorRef
{
    private readonly ActorPath _path = new RootActorPath(new Address("akka", system.Name));

    public override ActorPath Path => _path;

    public override IActorRefProvider Provider => system;

    public override void SendSystemMessage(ISystemMessage message)
    {
        switch (message)
        {
            case Failed failed:
                system.EventStream.Publish(new Error(failed.Cause, failed.Child.Path.ToString(), typeof(GuardianActor), "a guardian failed; the system ends"));
                ((IInternalActorRef)failed.Child).Stop();
                break;
            case DeathWatchNotification notification when notification.Actor.Equals(system.Guardian):
                system.OnUserGuardianTerminated();
                break;
            case DeathWatchNotification:
                system.OnSystemGuardianTerminated();
                break;
        }
    }
}
