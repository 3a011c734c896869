using Akka.Actor;
using AkkaWal.Protocol;

namespace AkkaWal;

/// <summary>An actor whose requests get their replies from actors of its own process.</summary>
internal interface ILocalLog;

/// <summary>
/// Receives the reply to one request to a log of this process. Akka.NET's <c>Ask</c> takes about ten times its
/// processor time: it registers a path and sets up a timer and a token for each request.
/// </summary>
/// <remarks>
/// It is not registered, so another node could not answer it. The actors of a log are all in one process. All askers of
/// a route have the same path and are one asker to the log, so it is only for requests whose answer does not depend on
/// earlier requests of their asker.
/// </remarks>
internal sealed class LocalAsker : MinimalActorRef
{
    private readonly TaskCompletionSource<LogReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LocalAsker(IActorRefProvider provider, ActorPath path) => (Provider, Path) = (provider, path);

    /// <inheritdoc/>
    public override ActorPath Path { get; }

    /// <inheritdoc/>
    public override IActorRefProvider Provider { get; }

    /// <summary>Whether a request can be asked in this way.</summary>
    internal static bool CanAsk(ICanTell log, LogRequest request) =>
        request is Append or AppendBatch or Read
        && log is ActorRefWithCell { Underlying: { IsLocal: true } cell }
        && typeof(ILocalLog).IsAssignableFrom(cell.Props.Type);

    /// <summary>Tells the request, and waits for the reply.</summary>
    /// <param name="log">The log.</param>
    /// <param name="path">The path that the route's askers have.</param>
    /// <param name="request">See <see cref="CanAsk"/>.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="AskTimeoutException">No reply came in time.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    internal static async Task<LogReply> Ask(
        ActorRefWithCell log, ActorPath path, LogRequest request, TimeSpan timeout, CancellationToken cancellation)
    {
        var asker = new LocalAsker(log.Provider, path);
        log.Tell(request, asker);
        try
        {
            return await asker._reply.Task.WaitAsync(timeout, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new AskTimeoutException($"no reply within {timeout}");
        }
    }

    /// <inheritdoc/>
    protected override void TellInternal(object message, IActorRef sender)
    {
        if (message is LogReply reply) _reply.TrySetResult(reply);
    }
}
