using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

/// <summary>Where messages end that have no actor to go to: the dead letters themselves, and paths nobody lives at.</summary>
internal sealed class DeadLetterActorRef : MinimalActorRef
{
    private readonly ActorSystemImpl _system;
    private readonly ActorPath _path;

    public DeadLetterActorRef(ActorSystemImpl system, ActorPath path)
    {
        _system = system;
        _path = path;
    }

    public override ActorPath Path => _path;

    public override IActorRefProvider Provider => _system;

    public override bool IsTerminated => true;

    /// <summary>Whoever watches what is dead is told at once, with ExistenceConfirmed = false.</summary>
    public static void AnswerWatch(ISystemMessage message)
    {
        if (message is Watch watch)
            watch.Watcher.SendSystemMessage(new DeathWatchNotification(watch.Watchee, existenceConfirmed: false));
    }

    public override void SendSystemMessage(ISystemMessage message) => AnswerWatch(message);

    public void Publish(object message, IActorRef sender, IActorRef recipient)
    {
        sender = sender.IsNobody() ? this : sender;
        if (message is DeadLetter wrapped)
            _system.EventStream.Publish(wrapped);
        else if (message is Identify identify)
            sender.Tell(new ActorIdentity(identify.MessageId, null), this);
        else if (message is IDeadLetterSuppression suppressed)
            _system.EventStream.Publish(new SuppressedDeadLetter(suppressed, sender, recipient));
        else
            _system.EventStream.Publish(new DeadLetter(message, sender, recipient));
    }

    protected override void TellInternal(object message, IActorRef sender) =>
        Publish(message ?? throw new InvalidMessageException("null is no message"), sender, this);
}
