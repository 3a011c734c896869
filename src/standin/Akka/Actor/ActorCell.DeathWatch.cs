using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

internal sealed partial class ActorCell
{
    // Whom this actor watches, with the message asked for instead of Terminated, or null.
    private Dictionary<IActorRef, object> _watching;

    // Whose Terminated is in the mailbox: an Unwatch still takes it back.
    private Dictionary<IActorRef, object> _terminatedQueued;
    private HashSet<IInternalActorRef> _watchedBy;

    public IActorRef Watch(IActorRef subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return StartWatching(subject, null);
    }

    public IActorRef WatchWith(IActorRef subject, object message)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(message);
        return StartWatching(subject, message);
    }

    public IActorRef Unwatch(IActorRef subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        var watchee = (IInternalActorRef)subject;
        if (_watching is not null && _watching.Remove(watchee))
            watchee.SendSystemMessage(new Unwatch(watchee, _self));
        _terminatedQueued?.Remove(watchee);
        return subject;
    }

    /// <summary>A Terminated that was stashed is delivered again when it is unstashed.</summary>
    public void TerminatedQueuedFor(IActorRef subject, object message) => (_terminatedQueued ??= new())[subject] = message;

    private IActorRef StartWatching(IActorRef subject, object message)
    {
        var watchee = (IInternalActorRef)subject;
        if (!watchee.Equals(_self) && (_watching ??= new()).TryAdd(watchee, message))
            watchee.SendSystemMessage(new Watch(watchee, _self));
        return subject;
    }

    private void ReceiveTerminated(Terminated terminated)
    {
        if (_terminatedQueued is not null && _terminatedQueued.Remove(terminated.ActorRef, out var message))
            Deliver(message ?? terminated);
    }

    private void WatchedActorTerminated(DeathWatchNotification notification)
    {
        var actor = notification.Actor;
        if (_watching is not null && _watching.Remove(actor, out var message) && !_isTerminating)
        {
            TerminatedQueuedFor(actor, message);
            Mailbox.Post(new Terminated(actor, notification.ExistenceConfirmed, false), actor);
        }

        if (StatsOf(actor) is { } child)
            HandleChildTerminated(child);
    }

    private void AddWatcher(Watch watch)
    {
        if (!watch.Watcher.Equals(_self))
            (_watchedBy ??= new()).Add(watch.Watcher);
    }

    /// <summary>The parent has been told by another message, and must not hear of it twice.</summary>
    private void TellWatchersWeDied()
    {
        if (_watchedBy is null)
            return;
        foreach (var watcher in _watchedBy)
        {
            if (!watcher.Equals(_parent))
                watcher.SendSystemMessage(new DeathWatchNotification(_self, existenceConfirmed: true));
        }

        _watchedBy = null;
    }

    private void UnwatchWatchedActors()
    {
        if (_watching is null)
            return;
        foreach (var watchee in _watching.Keys)
            ((IInternalActorRef)watchee).SendSystemMessage(new Unwatch((IInternalActorRef)watchee, _self));
        _watching = null;
        _terminatedQueued = null;
    }
}
