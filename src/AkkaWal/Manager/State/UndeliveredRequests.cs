using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;

namespace AkkaWal.Manager.State;

/// <summary>
/// Answers requests that no actor of this system took: those that lay in the mailbox of one that stopped, were told to
/// it afterwards, or while its supervisor waited to start it again. They definitely did not happen. One for all logs of
/// a system, outside their trees.
/// </summary>
internal sealed class UndeliveredRequests(LogStates logs) : UntypedActor
{
    /// <summary>Note when this log's manager has stopped.</summary>
    internal sealed record Watch(IActorRef Manager) : InternalMessage;

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            // What was on its way to another node may have arrived there.
            case DeadLetter { Recipient: IActorRefScope { IsLocal: true } } letter:
                Answer(letter);
                break;
            case Watch watch:
                Context.Watch(watch.Manager);
                break;
            case Terminated stopped:
                logs.Leave(stopped.ActorRef);
                break;
        }
    }

    private void Answer(DeadLetter letter)
    {
        // Akka.Remote gives up here what it has not sent: it names the message, and not to whom it was to go.
        var cause = letter.Recipient.Equals(Context.System.DeadLetters)
            ? "the connection to its node is broken"
            : $"{letter.Recipient.Path.ToStringWithoutAddress()} is not running";
        var reason = $"the request did not reach the log: {cause}";
        var metrics = logs.MetricsOf(letter.Recipient.Path);
        Requests.Refuse(letter.Message, letter.Sender, FailureKind.Unavailable, reason, letter.Recipient, metrics);
        // A manager counts what it forwards to those below it.
        if (Requests.PendingBytesOf(letter.Message) is > 0 and var bytes)
            logs.ManagerAbove(letter.Recipient.Path)?.Tell(new Credit(bytes), Self);
    }
}
