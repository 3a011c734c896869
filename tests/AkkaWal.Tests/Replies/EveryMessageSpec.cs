using Akka.Actor;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment;
using AkkaWal.Segment.Commit;
using AkkaWal.Storage;
using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Replies;

/// <summary>
/// Every message that needs a reply is sent to the manager, and to a segment in every state, whether the state expects
/// it or not. Its asker gets one reply. A segment may instead pass the message on to one actor that it works with.
/// </summary>
public sealed class EveryMessageSpec : LogSpec
{
    private readonly DiskGate _gate = new();

    protected override void AfterAll()
    {
        _gate.Dispose();
        base.AfterAll();
    }

    [Theory]
    [InlineData("open")]
    [InlineData("rolling")]
    [InlineData("ending")]
    [InlineData("locked")]
    [InlineData("damaged")]
    [InlineData("latched")]
    [InlineData("stopped")]
    public void Manager_should_have_every_message_answered_once(string state)
    {
        var log = StartIn(state);
        var messages = MessageSamples.All(TestActor);
        foreach (var message in messages) log.Tell(message, TestActor);
        if (state == "ending") Sys.Stop(log);
        _gate.Open();
        ExpectEachOnce(log, messages.Count, static _ => { });
    }

    [Theory]
    [InlineData("active")]
    [InlineData("latched")]
    [InlineData("rolling")]
    [InlineData("ending")]
    [InlineData("sealed")]
    [InlineData("refusing")]
    [InlineData("stopped")]
    public void Segment_should_answer_every_message_or_hand_it_on_once(string state)
    {
        // Starts the actor that answers requests in the mailboxes of stopped actors.
        Assert.Equal(0, Wal.Get(Sys).States.Count);
        var settings = new WalSettings { Directory = Directory };
        using var directory = LogDirectory.Open(Disk, Directory, settings.Options, static _ => { });
        var tail = new TailState(settings.Options.MaxSegmentBytes, LogMetrics.OfNone);
        var memory = new SegmentMemory(0, tail, new IndexBudget(0), directory.ReadTailOnce());
        if (state == "latched")
            Disk.Faults = operation => Is(operation, DiskOperationKind.Sync, ".log") ? DiskFault.Error : null;
        if (state == "refusing") memory.Refusal = (FailureKind.Unavailable, "it can't be opened");
        if (state is "sealed" or "rolling" or "ending")
        {
            memory.Sealed = new SealedSegment(0, 2, 32, SegmentState.Sealed, 0, 0);
            memory.IsHandedOver = state == "sealed";
        }
        // The test is the segment's manager, its successor, and every asker.
        var segment = Sys.ActorOf(
            WalProps.Of<SegmentActor>("commit", memory, directory.SegmentFiles, settings, TestActor));
        if (state == "stopped") StopLog(segment);

        var messages = MessageSamples.All(TestActor);
        foreach (var message in messages) segment.Tell(message, TestActor);
        if (state == "ending") Sys.Stop(segment);
        ExpectEachOnce(segment, messages.Count, other =>
        {
            if (other is SegmentIsSealed && state != "ending") segment.Tell(new SuccessorIs(TestActor), TestActor);
        });
        StopLog(segment);
    }

    private IActorRef StartIn(string state)
    {
        var log = StartLog();
        AppendTexts(log, 2);
        switch (state)
        {
            case "rolling" or "ending":
                Disk.Faults = operation => Is(operation, DiskOperationKind.Sync, ".log") ? _gate.Pass(null) : null;
                log.Tell(new SealActiveSegment(), ActorRefs.Nobody);
                _gate.AwaitReached();
                break;
            case "latched":
                Disk.Faults = operation => Is(operation, DiskOperationKind.Sync, ".log") ? DiskFault.Error : null;
                Ask<RequestFailed>(log, AppendOf("lost"));
                break;
            case "locked":
                log = StartLog();
                break;
            case "damaged":
                Disk = Disk.Kill();
                Disk.Lose(Directory + "/MANIFEST");
                log = StartLog();
                break;
            case "stopped":
                StopLog(log);
                break;
        }
        return log;
    }

    private void ExpectEachOnce(IActorRef actor, int count, Action<object> onOther)
    {
        var ids = new List<long>();
        while (ids.Count < count) Note(ReceiveOne(Patience) ?? throw new TimeoutException(Missing(ids)));
        // A second reply would come with the first ones, or before the reply to one more request.
        var last = count + 1;
        actor.Tell(new Read(0, last), TestActor);
        while (!ids.Contains(last)) Note(ReceiveOne(Patience) ?? throw new TimeoutException("no answer to the last"));
        Assert.Equal(Enumerable.Range(1, last).Select(id => (long)id), ids.Order());

        void Note(object message)
        {
            if (MessageSamples.IdOf(message) is { } id) ids.Add(id);
            else onOther(message);
        }
    }

    private string Missing(List<long> ids) => "no answer to " + string.Join(
        ", ", MessageSamples.All(TestActor).Where(message => !ids.Contains(MessageSamples.IdOf(message)!.Value))
            .Select(m => m.GetType().Name));
}
