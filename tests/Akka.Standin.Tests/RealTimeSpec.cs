using Akka.Actor;

namespace Akka.Standin.Tests;

/// <summary>What only the clock can show: time-outs and the scheduler that the system has by default.</summary>
public sealed class RealTimeSpec : TestKit.Xunit2.TestKit
{
    [Fact]
    public void The_scheduler_should_tell_later_and_again_and_again_until_cancelled()
    {
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(20), TestActor, "once", ActorRefs.NoSender);
        ExpectMsg("once");
        var again = Sys.Scheduler.ScheduleTellRepeatedlyCancelable(TimeSpan.Zero, TimeSpan.FromMilliseconds(10), TestActor, "again", ActorRefs.NoSender);
        Assert.All(ReceiveN(3), message => Assert.Equal("again", message));
        again.Cancel();

        // The scheduler tells in the order of time: what was on its way when it was cancelled comes before the next message,
        // and what it would still tell would come before the last.
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.Zero, TestActor, "cancelled", ActorRefs.NoSender);
        while (ExpectMsg<string>() is var message && message != "cancelled")
            Assert.Equal("again", message);
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(100), TestActor, "last", ActorRefs.NoSender);
        ExpectMsg("last");
    }

    [Fact]
    public void A_scheduled_action_should_run()
    {
        using var ran = new ManualResetEventSlim();
        Sys.Scheduler.Advanced.ScheduleOnce(TimeSpan.FromMilliseconds(10), ran.Set);
        Assert.True(ran.Wait(TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public void A_receive_timeout_should_come_when_nothing_else_does()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Impatient(TestActor)));
        actor.Tell("hello");
        ExpectMsg("hello");
        ExpectMsg("timeout");
    }

    private sealed class Impatient : ReceiveActor
    {
        public Impatient(IActorRef probe)
        {
            Context.SetReceiveTimeout(TimeSpan.FromMilliseconds(100));
            Receive<string>(message => probe.Tell(message));
            Receive<ReceiveTimeout>(_ =>
            {
                Context.SetReceiveTimeout(null);
                probe.Tell("timeout");
            });
        }
    }
}
