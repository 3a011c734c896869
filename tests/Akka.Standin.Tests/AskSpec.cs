using Akka.Actor;
using Akka.Event;

namespace Akka.Standin.Tests;

public sealed class AskSpec : TestKit.Xunit2.TestKit
{
    public AskSpec()
        : base("akka.loglevel = OFF, akka.stdout-loglevel = OFF")
    {
    }

    [Fact]
    public async Task The_reply_should_complete_the_task()
    {
        var actor = Sys.ActorOf(Props.Create<Replier>());
        Assert.Equal("echo", await actor.Ask<string>("echo", TimeSpan.FromSeconds(3)));
        Assert.Equal("echo", await actor.Ask("echo", TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public async Task A_failure_should_fail_the_task_with_its_cause()
    {
        var actor = Sys.ActorOf(Props.Create<Replier>());
        var failure = new Status.Failure(new InvalidOperationException("no"));
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => actor.Ask<string>(failure, TimeSpan.FromSeconds(3)));
        Assert.Equal("no", thrown.Message);
    }

    [Fact]
    public async Task A_reply_of_another_type_should_fail_the_task()
    {
        var actor = Sys.ActorOf(Props.Create<Replier>());
        await Assert.ThrowsAsync<ArgumentException>(() => actor.Ask<int>("text", TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public async Task No_reply_should_time_out_and_a_late_one_should_be_a_dead_letter()
    {
        var probe = CreateTestProbe();
        await Assert.ThrowsAsync<AskTimeoutException>(() => probe.Ref.Ask<string>("question", TimeSpan.FromMilliseconds(50)));
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        probe.ExpectMsg("question");
        probe.Reply("late");
        Assert.Equal("late", ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public async Task A_cancelled_ask_should_end_the_task()
    {
        using var cancellation = new CancellationTokenSource();
        var task = CreateTestProbe().Ref.Ask<string>("question", null, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
    }

    [Fact]
    public async Task The_message_may_be_made_with_the_reference_that_wants_the_reply()
    {
        var probe = CreateTestProbe();
        var task = probe.Ref.Ask<string>(replyTo => replyTo, TimeSpan.FromSeconds(3), CancellationToken.None);
        probe.ExpectMsg<IActorRef>().Tell("direct");
        Assert.Equal("direct", await task);
    }

    [Fact]
    public void A_task_should_be_piped_as_its_result_or_its_failure()
    {
        Task.FromResult("result").PipeTo(TestActor);
        ExpectMsg("result");
        Task.FromException<string>(new InvalidOperationException("no")).PipeTo(TestActor);
        Assert.Equal("no", ExpectMsg<Status.Failure>().Cause.Message);
        Task.FromResult(1).PipeTo(TestActor, success: number => number + 1);
        ExpectMsg(2);
        Task.FromException(new InvalidOperationException("no")).PipeTo(TestActor, failure: cause => cause.Message);
        ExpectMsg("no");
        Task.CompletedTask.PipeTo(TestActor, success: () => "done");
        ExpectMsg("done");
    }

    private sealed class Replier : ReceiveActor
    {
        public Replier() => ReceiveAny(message => Sender.Tell(message));
    }
}
