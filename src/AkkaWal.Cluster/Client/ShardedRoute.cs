using Akka.Actor;
using Akka.Cluster.Sharding;
using AkkaWal.Protocol;
using AkkaWal.Routes;

namespace AkkaWal.Cluster.Client;

/// <summary>
/// The route of a client to a sharded log, on whichever node the log is. It sends a request again if that did not
/// happen. If a request may have happened, it is sent again only where that does no harm: see
/// <see cref="Repeats.IsHarmless"/>.
/// </summary>
internal sealed class ShardedRoute(ShardedWal region, string log) : ILogRoute
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    // No later try is made with less time than this: its reply would probably come too late, and then it would not be
    // known whether the request happened.
    private static readonly TimeSpan ShortestTry = TimeSpan.FromMilliseconds(50);

    public string Path => $"{region.Region.Path}/{log}";

    public string Name => log;

    public async ValueTask<LogReply> Ask(LogRequest request, TimeSpan timeout, CancellationToken cancellation)
    {
        // If the message is lost, it is sent again only after the end of the wait. So the wait must be short. The asker
        // asks again in any case.
        if (request is AwaitRecord wait && wait.MaxWait > region.TryTimeout)
            request = wait with { MaxWait = region.TryTimeout };
        var pauses = new RetryPauses(FirstPause, LongestPause, timeout);
        RequestFailed? unknown = null;
        // Until then a try without a reply may still be carried out.
        var pendingUntil = DateTime.MinValue;
        while (true)
        {
            var deadline = DateTime.UtcNow + PatienceOf(request, pauses.Left);
            var reply = await TryOnce(request, deadline, pauses.Left, cancellation).ConfigureAwait(false);
            if (reply is RequestFailed { Kind: FailureKind.OutcomeUnknown } lost)
            {
                (unknown, pendingUntil) = (lost, deadline);
                if (!Repeats.IsHarmless(request)) return lost;
            }
            else if (Repeats.IsBeforeExpected(request, reply) && DateTime.UtcNow < pendingUntil)
            {
                // It is not known yet whether the earlier try happens.
            }
            else if (reply is not RequestFailed { Kind: FailureKind.Unavailable or FailureKind.NotOwned })
            {
                return unknown is null
                    ? reply
                    : await Repeats.Resolve(request, reply, Question, cancellation).ConfigureAwait(false);
            }
            // An earlier try may have happened, although this one did not.
            if (!await TryPause(pauses, cancellation).ConfigureAwait(false)) return unknown ?? reply;
        }

        Task<LogReply> Question(LogRequest question) => pauses.Left < ShortestTry
            ? Task.FromResult<LogReply>(
                new RequestFailed(FailureKind.Unavailable, "no time is left to ask", question.RequestId))
            : Ask(question, pauses.Left, cancellation).AsTask();
    }

    // False without a pause if no later try can help.
    private async ValueTask<bool> TryPause(RetryPauses pauses, CancellationToken cancellation)
    {
        if (pauses.Left - pauses.Next < ShortestTry || region.WhyAway(log) is not null) return false;
        await pauses.TryPause(cancellation).ConfigureAwait(false);
        // On a busy machine a pause takes longer.
        if (pauses.Left < ShortestTry) return false;
        region.Metrics.Retried();
        return true;
    }

    private async Task<LogReply> TryOnce(
        LogRequest request, DateTime deadline, TimeSpan left, CancellationToken cancellation)
    {
        if (region.WhyAway(log) is { } why) return new RequestFailed(FailureKind.Unavailable, why, request.RequestId);
        var patience = PatienceOf(request, left);
        // A request that can't be sent again waits for its reply in any case.
        var removal = Repeats.IsHarmlessLate(request) && left > LongestPause + ShortestTry
            ? region.Removals.Next : CancellationToken.None;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, removal);
        try
        {
            return request is AwaitRecord wait
                ? await CancellableWait.Ask(region.Region, wait, Envelope, patience, end.Token).ConfigureAwait(false)
                : await region.Region.Ask<LogReply>(Envelope(request), patience, end.Token).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            return Unknown($"within {patience}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Unknown("until the cluster removed a node, which may have had the log");
        }

        RequestFailed Unknown(string when) => new(
            FailureKind.OutcomeUnknown, $"no reply to {request.GetType().Name} {when}", request.RequestId);

        object Envelope(LogRequest one) =>
            new ShardingEnvelope(log, new ShardedRequest(one, deadline));
    }

    // How long one try may take, at most the time that is left.
    private TimeSpan PatienceOf(LogRequest request, TimeSpan left)
    {
        var patience = left;
        if (Repeats.IsHarmless(request))
        {
            var most = region.TryTimeout + (request is AwaitRecord wait ? wait.MaxWait : TimeSpan.Zero);
            if (most < left) patience = most;
        }
        return patience > TimeSpan.Zero ? patience : TimeSpan.FromMilliseconds(1);
    }
}
