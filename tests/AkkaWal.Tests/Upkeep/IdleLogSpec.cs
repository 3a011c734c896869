using Akka.Actor;
using Akka.Configuration;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;

namespace AkkaWal.Tests.Upkeep;

/// <summary>The cost of a log that is open and idle, since there may be many.</summary>
public sealed class IdleLogSpec : LogSpec
{
    private static readonly TimeSpan LeastTick = TimeSpan.FromSeconds(10);

    public IdleLogSpec() : base(ConfigurationFactory.ParseString(
        $"akka.scheduler.implementation = \"{typeof(NotingScheduler).AssemblyQualifiedName}\""))
    {
    }

    private NotingScheduler Scheduler => (NotingScheduler)Sys.Scheduler;

    [Theory]
    [InlineData(FlushPolicy.Always)]
    [InlineData(FlushPolicy.Interval)]
    [InlineData(FlushPolicy.OsCache)]
    public void Log_that_does_nothing_should_not_be_woken_each_moment(FlushPolicy flush)
    {
        var log = StartLog(new WalOptions { Flush = flush }, s => s with
        {
            WatermarkInterval = TimeSpan.FromMilliseconds(10),
            FlushInterval = TimeSpan.FromMilliseconds(10),
        });
        AppendTexts(log, 3);
        Ask<LogSynced>(log, new SyncLog());
        Assert.DoesNotContain(Scheduler.Repeated, tick => tick.Interval < LeastTick && IsOf(log, tick.To));

        // The last tick finds nothing to do, and no more follow.
        var segment = Sys.ActorSelection($"{log.Path}/segment-00000000-1").ResolveOne(Patience).Result;
        int count;
        do
        {
            count = Scheduler.Once.Count(to => IsOf(log, to));
            segment.Tell(new WatermarkTick());
            Ask<LogInfo>(log, new GetLogInfo());
        }
        while (Scheduler.Once.Count(to => IsOf(log, to)) > count);
    }

    private static bool IsOf(IActorRef log, IActorRef actor) =>
        actor.Path.ToString().StartsWith(log.Path.ToString(), StringComparison.Ordinal);

    [Fact]
    public void Interval_should_sync_again_and_again()
    {
        var log = StartLog(new WalOptions { Flush = FlushPolicy.Interval }, s =>
            s with { FlushInterval = TimeSpan.FromMilliseconds(1) });
        for (var round = 0; round < 5; round++)
        {
            AppendTexts(log, 2, from: 2 * round);
            AwaitAssert(() => Assert.True(Ask<LogInfo>(log, new GetLogInfo()).IsFullyDurable), Patience);
        }
    }
}
