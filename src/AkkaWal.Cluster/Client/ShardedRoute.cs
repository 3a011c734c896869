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

    public string Path => $"{region.Region.Path}/{log}";

    public string Name => log;

    public async ValueTask<LogReply> Ask(LogRequest request, TimeSpan timeout, CancellationToken cancellation)
    {
        // If the message is lost, it is sent again only after the end of the wait. So the wait must be short. The asker
        // asks again in any case.
        if (request is AwaitRecord wait && wait.MaxWait > region.TryTimeout)
            request = wait with { MaxWait = region.TryTimeout };
        var clock = TimeProvider.System;
        var startedAt = clock.GetTimestamp();
        RequestFailed? unknown = null;
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var left = timeout - clock.GetElapsedTime(startedAt);
            var reply = await TryOnce(request, left, cancellation).ConfigureAwait(false);
            if (reply is RequestFailed { Kind: FailureKind.OutcomeUnknown } lost)
            {
                unknown = lost;
                if (!Repeats.IsHarmless(request)) return lost;
            }
            else if (reply is not RequestFailed { Kind: FailureKind.Unavailable or FailureKind.NotOwned })
            {
                return unknown is null
                    ? reply
                    : await Repeats.Resolve(request, reply, Question, cancellation).ConfigureAwait(false);
            }
            left = timeout - clock.GetElapsedTime(startedAt);
            // An earlier try may have happened, although this one did not.
            if (left <= pause || region.WhyAway(log) is not null) return unknown ?? reply;
            region.Metrics.Retried();
            await Task.Delay(pause, clock, cancellation).ConfigureAwait(false);
        }

        Task<LogReply> Question(LogRequest question) =>
            Ask(question, timeout - clock.GetElapsedTime(startedAt), cancellation).AsTask();
    }

    private async Task<LogReply> TryOnce(LogRequest request, TimeSpan left, CancellationToken cancellation)
    {
        if (region.WhyAway(log) is { } why) return new RequestFailed(FailureKind.Unavailable, why, request.RequestId);
        var patience = PatienceOf(request, left);
        try
        {
            return request is AwaitRecord wait
                ? await CancellableWait.Ask(region.Region, wait, Envelope, patience, cancellation).ConfigureAwait(false)
                : await region.Region.Ask<LogReply>(Envelope(request), patience, cancellation).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            var reason = $"no reply to {request.GetType().Name} within {patience}";
            return new RequestFailed(FailureKind.OutcomeUnknown, reason, request.RequestId);
        }

        object Envelope(LogRequest one) =>
            new ShardingEnvelope(log, new ShardedRequest(one, DateTime.UtcNow + patience));
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
