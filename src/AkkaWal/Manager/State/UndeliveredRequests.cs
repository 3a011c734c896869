using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;

namespace AkkaWal.Manager.State;

/// <summary>
/// Answers requests that reached no actor of this system: they were in the mailbox of an actor that stopped, or were
/// sent to it afterwards or while its supervisor waited to restart it. They definitely did not happen. There is one
/// such actor for all logs of a system, outside their trees.
/// </summary>
internal sealed class UndeliveredRequests(LogStates logs) : UntypedActor
{
    /// <summary>Watch this log's manager.</summary>
    internal sealed record Watch(IActorRef Manager) : InternalMessage;

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            // A message to another node may have arrived there.
            case DeadLetter { Recipient: IActorRefScope { IsLocal: true }, Message: ILogMessage lost } letter:
                Answer(lost, letter);
                break;
            case Watch watch:
                Context.Watch(watch.Manager);
                break;
            case Terminated stopped:
                logs.Leave(stopped.ActorRef);
                break;
        }
    }

    private void Answer(ILogMessage message, DeadLetter letter)
    {
        // Akka.Remote gives up here what it has not sent: it names the message, and not to whom it was to go.
        var cause = letter.Recipient.Equals(Context.System.DeadLetters)
            ? "the connection to its node is broken"
            : $"{letter.Recipient.Path.ToStringWithoutAddress()} is not running";
        var reason = $"the request did not reach the log: {cause}";
        var metrics = logs.MetricsOf(letter.Recipient.Path);
        Requests.Refuse(message, letter.Sender, FailureKind.Unavailable, reason, letter.Recipient, metrics);
        // The manager counted the appends that it forwarded to its children.
        if (Requests.PendingBytesOf(message) is > 0 and var bytes)
            logs.ManagerAbove(letter.Recipient.Path)?.Tell(new Credit(bytes), Self);
    }
}
