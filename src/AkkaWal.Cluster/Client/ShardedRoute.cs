using Akka.Actor;
using Akka.Cluster.Sharding;
using AkkaWal.Cluster.Naming;
using AkkaWal.Cluster.Placement;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Client;

/// <summary>
/// From a client to a sharded log, wherever that is by now. It sends again what definitely did not happen, and what may
/// have happened where that does no harm: questions, and appends with an expected offset.
/// </summary>
internal sealed class ShardedRoute(ShardedWal region, string log) : ILogRoute
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    public string Path => $"{region.Region.Path}/{log}";

    public string Name => log;

    public async ValueTask<LogReply> Ask(LogRequest request, TimeSpan timeout, CancellationToken cancellation)
    {
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
            // What an earlier try did is not undone by a later one that did nothing.
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
        var patience = left;
        if (Repeats.IsHarmless(request) && region.TryTimeout is var most)
        {
            if (request is AwaitRecord wait) most += wait.MaxWait;
            if (most < left) patience = most;
        }
        if (patience <= TimeSpan.Zero) patience = TimeSpan.FromMilliseconds(1);
        IActorRef? asker = null;
        try
        {
            return await region.Region.Ask<LogReply>(self => Ask(self), patience, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (request is AwaitRecord && asker is not null)
        {
            // A wait that is cancelled leaves the log at once, and not when its time is up.
            region.Region.Tell(Until(new CancelWait(request.RequestId)), asker);
            throw;
        }
        catch (AskTimeoutException)
        {
            var reason = $"no reply to {request.GetType().Name} within {patience}";
            return new RequestFailed(FailureKind.OutcomeUnknown, reason, request.RequestId);
        }

        ShardingEnvelope Ask(IActorRef self)
        {
            asker = self;
            return Until(request);
        }

        ShardingEnvelope Until(LogRequest one) => new(log, new ShardedRequest(one, DateTime.UtcNow + patience));
    }
}
