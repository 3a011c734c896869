using Akka.Actor;

namespace Akka.TestKit;

/// <summary>Puts what it gets into the test's queue.</summary>
internal sealed class TestActor(MessageQueue queue) : UntypedActor
{
    private Func<object, bool> _ignore;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SetIgnore set:
                _ignore = set.Ignore;
                break;
            case WatchRequest watch:
                Context.Watch(watch.Actor);
                Sender.Tell(watch);
                break;
            case UnwatchRequest unwatch:
                Context.Unwatch(unwatch.Actor);
                Sender.Tell(unwatch);
                break;
            default:
                if (_ignore is null || !_ignore(message))
                    queue.Add(new RealMessageEnvelope(message, Sender));
                break;
        }
    }

    internal sealed record SetIgnore(Func<object, bool> Ignore);

    internal sealed record WatchRequest(IActorRef Actor);

    internal sealed record UnwatchRequest(IActorRef Actor);
}
