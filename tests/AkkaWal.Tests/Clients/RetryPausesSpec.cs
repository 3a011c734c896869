using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Routes;

namespace AkkaWal.Tests.Clients;

/// <summary>What is tried again is tried until the end of the time-out, and not given up before it.</summary>
public sealed class RetryPausesSpec : ActorSpec
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task Last_try_should_come_at_the_end_of_the_time_out()
    {
        var began = Stopwatch.GetTimestamp();
        var pauses = new RetryPauses(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(200), Timeout);
        var tries = 0;
        while (await pauses.TryPause(CancellationToken.None)) tries++;
        Assert.True(Stopwatch.GetElapsedTime(began) >= Timeout, "it gave up before the end");
        // Pauses of 5, 10, 20 and 40 ms, and one that is cut short: no tries are added in its last millisecond.
        Assert.InRange(tries, 1, 5);
        Assert.False(await pauses.TryPause(CancellationToken.None));
    }

    [Fact]
    public async Task Cancellation_should_end_a_pause()
    {
        using var stop = new CancellationTokenSource();
        var hour = TimeSpan.FromHours(1);
        var pause = new RetryPauses(hour, hour, hour).TryPause(stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pause);
    }

    [Fact]
    public async Task Request_to_a_closed_log_should_be_refused_at_the_end_of_the_time_out()
    {
        var route = new DirectRoute(static () => null, new RootActorPath(Address.AllSystems) / "system" / "log");
        var began = Stopwatch.GetTimestamp();
        var refusal = await Assert.ThrowsAsync<WalRequestException>(
            () => new WalClient(route, Timeout).AppendAsync(new byte[1]));
        Assert.Equal(FailureKind.Unavailable, refusal.Kind);
        Assert.True(Stopwatch.GetElapsedTime(began) >= Timeout, "it was refused before the end");
    }

    [Fact]
    public async Task Follower_should_give_up_at_the_end_of_the_time_out()
    {
        var log = Sys.ActorOf(Props.Create<RefusingLog>().WithDeploy(Deploy.Local));
        var began = Stopwatch.GetTimestamp();
        var refusal = await Assert.ThrowsAsync<WalRequestException>(
            async () => await new WalClient(log, Timeout).FollowAsync(0).CountAsync());
        Assert.Contains("locked", refusal.Message, StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(began) >= Timeout, "it gave up before the end");
    }

    private sealed class RefusingLog : ReceiveActor
    {
        public RefusingLog() => Receive<LogRequest>(request =>
            Sender.Tell(new RequestFailed(FailureKind.Unavailable, "locked", request.RequestId)));
    }
}
