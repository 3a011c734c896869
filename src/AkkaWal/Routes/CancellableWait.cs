using Akka.Actor;
using AkkaWal.Protocol;

namespace AkkaWal.Routes;

/// <summary>Asks for an <see cref="AwaitRecord"/>. A wait that is cancelled leaves the log at once.</summary>
internal static class CancellableWait
{
    /// <summary>Sends the request and waits for its reply.</summary>
    /// <param name="log">The log, or what passes messages on to it.</param>
    /// <param name="wait">The request.</param>
    /// <param name="envelope">Makes the message in which a request travels.</param>
    /// <param name="timeout">How long to wait for the reply.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="AskTimeoutException">No reply came in time.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    internal static async Task<LogReply> Ask(
        ICanTell log, AwaitRecord wait, Func<LogRequest, object> envelope, TimeSpan timeout,
        CancellationToken cancellation)
    {
        IActorRef? asker = null;
        try
        {
            return await log.Ask<LogReply>(self => MessageOf(self), timeout, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (asker is not null)
        {
            log.Tell(envelope(new CancelWait(wait.RequestId)), asker);
            throw;
        }

        object MessageOf(IActorRef self)
        {
            asker = self;
            return envelope(wait);
        }
    }
}
