using System.Text;
using Akka.Actor;
using Akka.TestKit;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Tests.Clients;

/// <summary>Actors that subscribe to a log, also when the log rolls, crashes or stops.</summary>
public sealed class SubscriptionSpec : ClientSpec
{
    private static readonly WalOptions ThreeRecordsASegment = new() { MaxSegmentBytes = 60 };

    private IActorRef Subscribe(string log, long from = 0, string floor = "")
    {
        Wal.Get(Sys).Subscriptions.Tell(
            new Subscribe(log, from, 7) { Floor = floor, Timeout = Patience }, TestActor);
        ExpectMsg(new Subscribed(from, 7), Patience);
        return LastSender;
    }

    private IActorRef Subscribe(IActorRef log, long from = 0, string floor = "") =>
        Subscribe(log.Path.ToStringWithoutAddress(), from, floor);

    private IActorRef OpenOrders(WalOptions? options = null) => Wal.Get(Sys).Open(
        "orders", new WalSettings { Directory = Directory, Options = options ?? new WalOptions() }, Disk);

    private void RequestAndExpect(IActorRef subscription, int from, int count)
    {
        subscription.Tell(new RequestRecords(count), TestActor);
        ExpectRecords(subscription, from, count);
    }

    private void ExpectRecords(IActorRef subscription, int from, int count)
    {
        for (var next = from; next < from + count;)
        {
            var told = ExpectMsg<RecordsDelivered>(Patience);
            Assert.Equal((next, subscription), (told.FirstOffset, LastSender));
            foreach (var payload in told.Payloads)
                Assert.Equal($"record {next++}", Encoding.UTF8.GetString(payload.Span));
            Assert.InRange(next, from, from + count);
        }
    }

    private IActorRef Single(string path) => Sys.ActorSelection(path).ResolveOne(Patience).GetAwaiter().GetResult();

    private void ExpectEnd(IActorRef subscription, FailureKind? kind)
    {
        Assert.Equal(kind, ExpectMsg<SubscriptionEnded>(Patience).Kind);
        Watch(subscription);
        ExpectTerminated(subscription, Patience);
    }

    [Theory]
    [InlineData("name")]
    [InlineData("path")]
    [InlineData("whole path")]
    public void Subscriber_should_get_as_many_records_as_it_asks_for_and_then_those_that_come(string by)
    {
        var log = OpenOrders();
        AppendTexts(log, 10);
        var subscription = Subscribe(by switch
        {
            "name" => "orders",
            "path" => Wal.PathOf("orders"),
            _ => log.Path.ToString(),
        }, 3);
        RequestAndExpect(subscription, 3, 2);
        RequestAndExpect(subscription, 5, 1);
        subscription.Tell(new RequestRecords(1), TestActor);
        subscription.Tell(new RequestRecords(6), TestActor);
        ExpectRecords(subscription, 6, 4);
        AppendTexts(log, 4, 10);
        ExpectRecords(subscription, 10, 3);
        // Record 13 was not asked for.
        subscription.Tell(new Unsubscribe(), TestActor);
        ExpectEnd(subscription, null);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(5000)]
    public void Records_should_come_in_order_across_rolls_while_many_are_appended(int window)
    {
        const int Count = 2000;
        var log = StartLog(HundredRecordsASegment);
        var subscription = Subscribe(log);
        subscription.Tell(new RequestRecords(window), TestActor);
        var writer = CreateTestProbe();
        for (var i = 0; i < Count; i++) log.Tell(AppendOf($"record {i}", i), writer.Ref);
        for (var next = 0; next < Count;)
        {
            var told = ExpectMsg<RecordsDelivered>(Patience);
            Assert.Equal(next, told.FirstOffset);
            Assert.InRange(told.Payloads.Count, 1, window);
            foreach (var payload in told.Payloads)
                Assert.Equal($"record {next++}", Encoding.UTF8.GetString(payload.Span));
            subscription.Tell(new RequestRecords(told.Payloads.Count), TestActor);
        }
        Assert.True(Ask<SegmentList>(log, new GetSegments()).Segments.Count > 10);
    }

    [Fact]
    public void Subscription_should_go_on_where_segments_are_compressed_and_archived()
    {
        var log = StartLog(TwoHundredRecordsASegment, s => s with { ArchiveDirectory = "/archive" });
        AppendTexts(log, 600);
        var subscription = Subscribe(log);
        RequestAndExpect(subscription, 0, 3);
        var segments = Ask<SegmentList>(log, new GetSegments()).Segments;
        Ask<SegmentCompressed>(log, new CompressSegment(segments[0].File));
        Ask<SegmentArchived>(log, new ArchiveSegment(segments[1].File));
        RequestAndExpect(subscription, 3, 597);
    }

    [Fact]
    public void Records_that_were_deleted_should_be_told_as_missing()
    {
        var log = StartLog(FewRecordsASegment);
        AppendTexts(log, 30);
        var subscription = Subscribe(log);
        RequestAndExpect(subscription, 0, 2);
        var start = (int)Ask<LogTruncated>(log, new TruncateBefore(20)).StartOffset;
        subscription.Tell(new RequestRecords(1), TestActor);
        ExpectMsg(new RecordsMissing(2, start), Patience);
        Assert.Equal(start, ExpectMsg<RecordsDelivered>(Patience).FirstOffset);
        RequestAndExpect(subscription, start + 1, 29 - start);
    }

    [Theory]
    [InlineData("manager")]
    [InlineData("segment")]
    public void Subscription_should_go_on_behind_a_crash(string actor)
    {
        var log = StartRestartedLog(new WalSettings { Directory = Directory });
        AppendTexts(log, 3);
        var subscription = Subscribe(log);
        RequestAndExpect(subscription, 0, 3);
        subscription.Tell(new RequestRecords(4), TestActor);
        if (actor == "manager") log.Tell(Kill.Instance);
        else Sys.ActorSelection($"{log.Path}/segment-*").Tell(Kill.Instance);
        // An append during the crash is refused.
        for (var next = 3; next < 8;)
            if (Ask<LogReply>(log, AppendOf($"record {next}") with { ExpectedOffset = next }) is Appended) next++;
        ExpectRecords(subscription, 3, 4);
    }

    [Theory]
    [InlineData("orders")]
    [InlineData("/system/akka-wal.orders")]
    public async Task Subscription_should_go_on_when_the_log_was_closed_and_opened_again(string log)
    {
        AppendTexts(OpenOrders(), 3);
        var subscription = Subscribe(log);
        RequestAndExpect(subscription, 0, 3);
        subscription.Tell(new RequestRecords(1), TestActor);
        await Wal.Get(Sys).CloseAsync("orders");
        AppendTexts(Wal.Get(Sys).Log("orders"), 2, 3);
        ExpectRecords(subscription, 3, 1);
    }

    [Fact]
    public void Floor_should_keep_what_is_not_confirmed_until_the_subscriber_leaves()
    {
        var log = StartLog(ThreeRecordsASegment);
        AppendTexts(log, 20);
        var subscription = Subscribe(log, 0, "billing");
        RequestAndExpect(subscription, 0, 10);
        Assert.Contains(
            "'billing' needs everything from offset 0 on",
            Ask<RequestFailed>(log, new TruncateBefore(5)).Reason, StringComparison.Ordinal);
        subscription.Tell(new ConfirmRecords(4), TestActor);
        subscription.Tell(new ConfirmRecords(10), TestActor);
        AwaitAssert(() => Assert.True(Ask<LogReply>(log, new TruncateBefore(10)) is LogTruncated), Patience);
        Ask<RequestFailed>(log, new TruncateBefore(20));
        subscription.Tell(new Unsubscribe(), TestActor);
        ExpectEnd(subscription, null);
        Ask<LogTruncated>(log, new TruncateBefore(20));
    }

    [Fact]
    public void Floor_should_stay_where_the_subscriber_stops_without_a_word()
    {
        var log = StartLog(ThreeRecordsASegment);
        AppendTexts(log, 20);
        var subscriber = CreateTestProbe();
        Wal.Get(Sys).Subscriptions.Tell(
            new Subscribe(log.Path.ToStringWithoutAddress(), 3) { Floor = "billing" }, subscriber.Ref);
        subscriber.ExpectMsg<Subscribed>(Patience);
        var subscription = subscriber.LastSender;
        Watch(subscription);
        Sys.Stop(subscriber.Ref);
        ExpectTerminated(subscription, Patience);
        Assert.Contains("'billing'", Ask<RequestFailed>(log, new TruncateBefore(10)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_should_be_read_that_was_not_asked_for_and_nothing_be_asked_at_the_end()
    {
        var log = CreateTestProbe();
        var subscription = Subscribe(log.Ref, 5);
        subscription.Tell(new RequestRecords(3), TestActor);
        Expect(log, new ReadBatch(5, 3) { Gaps = GapPolicy.Skip }, Batch(5, 2));
        Assert.Equal(2, ExpectMsg<RecordsDelivered>(Patience).Payloads.Count);
        Expect(log, new ReadBatch(7, 1) { Gaps = GapPolicy.Skip }, Batch(7, 0));
        log.ExpectMsg(new AwaitRecord(7) { MaxWait = Patience }, Patience);
        log.LastSender.Tell(new RecordAwaited(8, 0), log.Ref);
        Expect(log, new ReadBatch(7, 1) { Gaps = GapPolicy.Skip }, Batch(7, 1));
        ExpectMsg<RecordsDelivered>(Patience);
        // A batch is limited, also if more records are requested.
        for (var i = 0; i < 3; i++) subscription.Tell(new RequestRecords(int.MaxValue), TestActor);
        Expect(log, new ReadBatch(8, 4096) { Gaps = GapPolicy.Skip }, Batch(8, 1));
    }

    [Fact]
    public void End_of_the_subscriber_should_end_the_subscription_and_its_wait_in_the_log()
    {
        var log = CreateTestProbe();
        var subscriber = CreateTestProbe();
        Wal.Get(Sys).Subscriptions.Tell(new Subscribe(log.Ref.Path.ToString(), 0), subscriber.Ref);
        subscriber.ExpectMsg<Subscribed>(Patience);
        var subscription = subscriber.LastSender;
        subscription.Tell(new RequestRecords(1), subscriber.Ref);
        Expect(log, new ReadBatch(0, 1) { Gaps = GapPolicy.Skip }, Batch(0, 0));
        log.ExpectMsg<AwaitRecord>(Patience);
        var asker = log.LastSender;
        Watch(subscription);
        Sys.Stop(subscriber.Ref);
        ExpectTerminated(subscription, Patience);
        log.ExpectMsg(new CancelWait(0), Patience);
        Assert.Equal(asker, log.LastSender);
    }

    [Fact]
    public void Floor_should_be_held_before_anything_is_read_and_held_again_by_itself()
    {
        var log = CreateTestProbe();
        Wal.Get(Sys).Subscriptions.Tell(
            new Subscribe(log.Ref.Path.ToString(), 4, 1) { Floor = "me", Timeout = TimeSpan.FromSeconds(4) },
            TestActor);
        log.ExpectMsg(new HoldFloor("me", 4), Patience);
        ExpectNothing(Single($"{Wal.Get(Sys).Subscriptions.Path}/*"));
        log.Reply(new FloorHeld("me", 4, 0, 0));
        ExpectMsg(new Subscribed(4, 1), Patience);
        // A log that was started anew has lost the floor.
        log.ExpectMsg(new HoldFloor("me", 4), Patience);
        log.Reply(new FloorHeld("me", 4, 0, 0));
        LastSender.Tell(new Unsubscribe(), TestActor);
        var last = log.FishForMessage<LogRequest>(message => message is ReleaseFloor, Patience);
        Assert.Equal(new ReleaseFloor("me"), last);
        log.Reply(new FloorReleased("me", 0));
        Assert.Null(ExpectMsg<SubscriptionEnded>(Patience).Kind);
    }

    [Fact]
    public void Bad_subscription_should_be_refused_with_what_is_wrong()
    {
        OpenOrders();
        var subscriptions = Wal.Get(Sys).Subscriptions;
        var id = 0;
        foreach (var (request, reason) in new (Subscribe, string)[]
        {
            (new Subscribe("ordres", 0), "did you mean akka-wal.logs.orders?"),
            (new Subscribe("not/a path", 0), "'not/a path' is not the path of an actor"),
            (new Subscribe("", 0), "needs the name or the path of its log"),
            (new Subscribe(null!, 0), "needs the name or the path of its log"),
            (new Subscribe("orders", -1), "an offset of 0 or more, not -1"),
            (new Subscribe("orders", 0) { Floor = null! }, "the name of the floor is missing"),
            (new Subscribe("orders", 0) { Floor = new string('x', 257) }, "257 characters: at most 256 are allowed"),
            (new Subscribe("orders", 0) { Timeout = TimeSpan.Zero }, "longer than zero"),
            (new Subscribe("orders", 0) { Timeout = TimeSpan.MaxValue }, "at most"),
        })
        {
            subscriptions.Tell(request with { RequestId = ++id }, TestActor);
            var failed = ExpectMsg<RequestFailed>(Patience);
            Assert.Equal((id, FailureKind.Invalid), (failed.RequestId, failed.Kind));
            Assert.Contains(reason, failed.Reason, StringComparison.Ordinal);
        }
        ExpectNothing(subscriptions);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(int.MinValue)]
    public void Request_for_no_records_should_end_the_subscription(int count)
    {
        OpenOrders();
        var subscription = Subscribe("orders");
        subscription.Tell(new RequestRecords(count), TestActor);
        ExpectEnd(subscription, FailureKind.Invalid);
    }

    [Fact]
    public void Confirmation_of_what_was_not_told_should_end_the_subscription_and_move_no_floor()
    {
        var log = OpenOrders(ThreeRecordsASegment);
        AppendTexts(log, 10);
        var subscription = Subscribe("orders", 0, "me");
        RequestAndExpect(subscription, 0, 2);
        subscription.Tell(new ConfirmRecords(3), TestActor);
        ExpectEnd(subscription, FailureKind.Invalid);
        Assert.Contains("'me'", Ask<RequestFailed>(log, new TruncateBefore(9)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asker_that_goes_away_with_the_reply_should_be_refused()
    {
        OpenOrders();
        var request = new Subscribe("orders", 0, 1) { Floor = "me" };
        var refusal = Assert.IsType<RequestFailed>(await Wal.Get(Sys).Subscriptions.Ask<object>(request, Patience));
        Assert.Equal((1, FailureKind.Invalid), (refusal.RequestId, refusal.Kind));
        Assert.Contains("use Tell, not Ask", refusal.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("read")]
    [InlineData("move")]
    public void Failure_of_other_work_should_not_keep_a_subscriber_from_leaving_in_good_order(string work)
    {
        var log = CreateTestProbe();
        Wal.Get(Sys).Subscriptions.Tell(
            new Subscribe(log.Ref.Path.ToString(), 0, 7) { Floor = "me", Timeout = Patience }, TestActor);
        Expect(log, new HoldFloor("me", 0), new FloorHeld("me", 0, 0, 0));
        ExpectMsg(new Subscribed(0, 7), Patience);
        var subscription = LastSender;
        subscription.Tell(new RequestRecords(1), TestActor);
        var refusal = new RequestFailed(FailureKind.NotFound, "it is gone", 0);
        if (work == "read")
        {
            log.ExpectMsg(new ReadBatch(0, 1) { Gaps = GapPolicy.Skip }, Patience);
            var reader = log.LastSender;
            subscription.Tell(new Unsubscribe(), TestActor);
            log.ExpectMsg(new ReleaseFloor("me"), Patience);
            reader.Tell(refusal, log.Ref);
        }
        else
        {
            Expect(log, new ReadBatch(0, 1) { Gaps = GapPolicy.Skip }, Batch(0, 1));
            ExpectMsg<RecordsDelivered>(Patience);
            subscription.Tell(new ConfirmRecords(1), TestActor);
            log.ExpectMsg(new HoldFloor("me", 1), Patience);
            subscription.Tell(new Unsubscribe(), TestActor);
            ExpectNothing(subscription);
            log.Reply(refusal);
            log.ExpectMsg(new ReleaseFloor("me"), Patience);
        }
        log.Reply(new FloorReleased("me", 0));
        ExpectEnd(subscription, null);
    }

    [Fact]
    public void Subscription_should_end_where_it_cannot_go_on()
    {
        var log = CreateTestProbe();
        foreach (var (reply, kind) in new (LogReply, FailureKind)[]
        {
            (new RequestFailed(FailureKind.NotFound, "it ends at 3", 0), FailureKind.NotFound),
            (new RecordDamaged(0, "its checksum", 0), FailureKind.Unavailable),
        })
        {
            var subscription = Subscribe(log.Ref);
            subscription.Tell(new RequestRecords(1), TestActor);
            Expect(log, new ReadBatch(0, 1) { Gaps = GapPolicy.Skip }, reply);
            ExpectEnd(subscription, kind);
        }
    }

    [Fact]
    public async Task Log_that_stays_away_should_end_the_subscription_or_refuse_it()
    {
        OpenOrders();
        await Wal.Get(Sys).CloseAsync("orders");
        var timeout = TimeSpan.FromMilliseconds(50);
        var subscriptions = Wal.Get(Sys).Subscriptions;
        subscriptions.Tell(new Subscribe("orders", 0, 1) { Timeout = timeout }, TestActor);
        ExpectMsg<Subscribed>(Patience);
        var subscription = LastSender;
        subscription.Tell(new RequestRecords(1), TestActor);
        ExpectEnd(subscription, FailureKind.Unavailable);
        subscriptions.Tell(new Subscribe("orders", 0, 2) { Timeout = timeout, Floor = "me" }, TestActor);
        ExpectFailure(2, FailureKind.Unavailable);
        ExpectNothing(subscriptions);
    }

    [Fact]
    public void Subscriptions_should_be_bounded_and_their_ends_make_room()
    {
        OpenOrders();
        var subscriptions = Wal.Get(Sys).Subscriptions;
        for (var i = 1; i <= Protocol.Subscribe.MostSubscriptions + 1; i++)
            subscriptions.Tell(new Subscribe("orders", 0, i), TestActor);
        var told = ReceiveN(Protocol.Subscribe.MostSubscriptions + 1, Patience);
        var refused = Assert.IsType<RequestFailed>(Assert.Single(told, one => one is not Subscribed));
        Assert.Equal(FailureKind.Unavailable, refused.Kind);
        Sys.Stop(Single($"{subscriptions.Path}/$a"));
        Assert.Equal(FailureKind.Unavailable, ExpectMsg<SubscriptionEnded>(Patience).Kind);
        AwaitAssert(() =>
        {
            subscriptions.Tell(new Subscribe("orders", 0, 1), TestActor);
            Assert.IsType<Subscribed>(ReceiveOne(Patience));
        }, Patience);
    }
}
