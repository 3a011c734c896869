using Akka.Actor;
using Akka.Event;
using Xunit.Sdk;

namespace Akka.Standin.Tests;

public sealed class TestKitSpec : TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    public TestKitSpec()
        : base("akka.stdout-loglevel = OFF, akka.test.filter-leeway = 1s")
    {
    }

    [Fact]
    public void An_expectation_should_fail_on_nothing_on_another_type_and_on_another_value()
    {
        Assert.ThrowsAny<XunitException>(() => ExpectMsg<string>(Short));
        TestActor.Tell(1);
        Assert.ThrowsAny<XunitException>(() => ExpectMsg<string>(Short));
        TestActor.Tell("one");
        Assert.ThrowsAny<XunitException>(() => ExpectMsg("two"));
        TestActor.Tell("three");
        Assert.ThrowsAny<XunitException>(() => ExpectMsg<string>(text => text == "four"));
        TestActor.Tell("five");
        Assert.ThrowsAny<XunitException>(() => ExpectNoMsg(Short));
    }

    [Fact]
    public void Messages_should_be_fished_for_received_in_numbers_and_in_any_order()
    {
        foreach (var message in new object[] { 1, "two", 3, 5, 4 })
            TestActor.Tell(message);
        Assert.Equal("two", FishForMessage(message => message is string));
        Assert.Equal(new object[] { 3 }, ReceiveN(1));
        Assert.Equal([4, 5], ExpectMsgAllOf(4, 5).Order());
        Assert.Null(ReceiveOne(TimeSpan.Zero));
    }

    [Fact]
    public async Task Expectations_should_have_asynchronous_forms()
    {
        TestActor.Tell("one");
        Assert.Equal("one", await ExpectMsgAsync<string>());
        TestActor.Tell("two");
        await ExpectMsgAsync("two");
        await ExpectNoMsgAsync(Short);
    }

    [Fact]
    public void A_probe_should_reply_forward_and_be_a_reference()
    {
        var probe = CreateTestProbe();
        probe.Ref.Tell("question");
        probe.ExpectMsg("question");
        Assert.Equal(TestActor, probe.Sender);
        probe.Reply("answer");
        ExpectMsg("answer");
        Assert.Equal(probe.Ref, LastSender);
        var other = CreateTestProbe();
        probe.Forward(other.Ref);
        other.ExpectMsg("question");
        Assert.Equal(TestActor, other.Sender);
        IActorRef reference = probe;
        Assert.Equal(probe.Ref, reference);
        reference.Tell("to the probe");
        probe.ExpectMsg("to the probe");
    }

    [Fact]
    public async Task The_test_should_stay_the_implicit_sender_behind_an_await()
    {
        var probe = CreateTestProbe();
        await Task.Yield();
        probe.Ref.Tell("question");
        probe.ExpectMsg("question");
        Assert.Equal(TestActor, probe.Sender);
    }

    [Fact]
    public void Within_should_bound_the_expectations_inside()
    {
        Assert.ThrowsAny<XunitException>(() => Within(Short, () => ExpectMsg<string>()));
        TestActor.Tell("here");
        Assert.Equal("here", Within(TimeSpan.FromSeconds(3), () => ExpectMsg<string>()));
    }

    [Fact]
    public void Conditions_and_assertions_should_be_awaited()
    {
        var count = 0;
        AwaitCondition(() => ++count > 2, TimeSpan.FromSeconds(3));
        AwaitAssert(() => Assert.True(++count > 5), TimeSpan.FromSeconds(3));
        Assert.ThrowsAny<XunitException>(() => AwaitCondition(() => false, Short));
        Assert.ThrowsAny<XunitException>(() => AwaitAssert(() => Assert.Fail("never"), Short));
    }

    [Fact]
    public void Ignored_messages_should_not_be_seen()
    {
        IgnoreMessages(message => message is int);
        TestActor.Tell(1);
        TestActor.Tell("two");
        ExpectMsg("two");
        IgnoreNoMessages();
        TestActor.Tell(3);
        ExpectMsg(3);
    }

    [Fact]
    public void An_event_filter_should_count_log_events()
    {
        EventFilter.Error(contains: "went wrong").ExpectOne(() => Log.Error("it went wrong again"));
        EventFilter.Warning(start: "beware").Expect(2, () =>
        {
            Log.Warning("beware of {0}", "dogs");
            Log.Warning("beware of {0}", "cats");
        });
        EventFilter.Info("exactly this").ExpectOne(() => Log.Info("exactly this"));
        EventFilter.Exception<InvalidOperationException>("boom").ExpectOne(() => Sys.ActorOf(Props.Create<Crasher>()).Tell("boom"));
        Assert.ThrowsAny<XunitException>(() => EventFilter.Error(contains: "never").ExpectOne(TimeSpan.FromMilliseconds(50), () => { }));
    }

    [Fact]
    public async Task An_event_filter_should_count_dead_letters()
    {
        var actor = Sys.ActorOf(Props.Create<Crasher>());
        await actor.GracefulStop(TimeSpan.FromSeconds(3));
        EventFilter.DeadLetter<string>().ExpectOne(() => actor.Tell("too late"));
        EventFilter.DeadLetter<string>(text => text == "this").ExpectOne(() =>
        {
            actor.Tell("that");
            actor.Tell("this");
        });
    }

    private sealed class Crasher : ReceiveActor
    {
        public Crasher() => Receive<string>(message => throw new InvalidOperationException(message));
    }
}
