using Akka.Actor;
using Akka.Event;
using AkkaWal.Protocol;

namespace AkkaWal.Segments;

/// <summary>
/// Answers requests that lay in the mailbox of an actor of the log when it stopped: they were never begun, so they definitely did not
/// happen. Lives outside the log's own tree, as long as the log's manager does.
/// </summary>
internal sealed class UndeliveredRequests(IActorRef manager) : UntypedActor
{
    protected override void PreStart() => Context.Watch(manager);

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case DeadLetter letter when IsOfTheLog(letter.Recipient):
                Requests.Refuse(letter.Message, letter.Sender, FailureKind.Unavailable, "the log is closed", manager);
                if (Requests.PendingBytesOf(letter.Message) is > 0 and var bytes && !letter.Recipient.Equals(manager)) manager.Tell(new Credit(bytes), Self);
                break;
            case Terminated:
                Context.Stop(Self);
                break;
        }
    }

    private bool IsOfTheLog(IActorRef recipient)
    {
        for (var path = recipient.Path; path.Depth > 0; path = path.Parent)
            if (path.Equals(manager.Path)) return true;
        return false;
    }
}
