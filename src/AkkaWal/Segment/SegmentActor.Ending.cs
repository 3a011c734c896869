using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;

namespace AkkaWal.Segment;

// How lives end: this actor's, with an answer for everybody who waits, and those of its children.
internal sealed partial class SegmentActor
{
    // A worker that crashed has lost an outcome that somebody waits for: its parent recovers with it.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Escalate);

    protected override void PreStart()
    {
        try
        {
            Start();
        }
        catch (Exception e)
        {
            // Neither PreRestart nor PostStop is called for one that could not be started.
            memory.CrashCount++;
            AnswerCrash(e);
            LeaveWriter();
            throw;
        }
    }

    protected override bool AroundReceive(Receive receive, object message)
    {
        try
        {
            return base.AroundReceive(receive, message);
        }
        catch (Exception e)
        {
            // Here and not before a restart: it may be stopped instead.
            RefuseUnlessWaiting(message, Sender, TellCrash(e));
            AnswerCrash(e);
            throw;
        }
    }

    protected override void PreRestart(Exception reason, object message)
    {
        memory.CrashCount++;
        foreach (var child in Context.GetChildren()) Context.Stop(Context.Unwatch(child));
        try
        {
            AnswerCrash(reason);
        }
        finally
        {
            LeaveWriter();
        }
    }

    protected override void PostStop()
    {
        const string Why = "the segment is being closed";
        try
        {
            RefuseHeld(Why);
            // What the roll, or a commit that crashed, did is found at the next opening.
            if (!_isSealing && !_isAbandoned) _active?.Close();
            NoteLatch();
        }
        finally
        {
            // Whatever was thrown: who has no answer yet gets one, and the files are closed.
            Abandon(Why);
            Release();
            LetGoOfWriter();
        }
    }

    // What is held was never begun: it waits for the next life.
    private void AnswerCrash(Exception reason)
    {
        var why = TellCrash(reason);
        if (memory.InHand is { } held) RefuseUnlessWaiting(held.Message, held.Sender, why);
        memory.InHand = null;
        Abandon(why);
    }

    private static string TellCrash(Exception reason) => $"the segment's actor crashed: {reason.Message}";

    // To the next life: a sync on another thread may be about to fail.
    private void LeaveWriter()
    {
        (_active, _worker, _tailReader) = (null, ActorRefs.Nobody, ActorRefs.Nobody);
        Release();
    }

    // Nothing more comes of what this life has begun.
    private void Abandon(string why)
    {
        _isAbandoned = true;
        FailSeal(FailureKind.OutcomeUnknown, why);
        _active?.Abandon(why);
    }

    // A child that this actor did not stop, or the reader when it has read all.
    private bool TryChildStopped(object message)
    {
        if (message is not Terminated { ActorRef: { } child }) return false;
        if (child.Equals(_worker))
        {
            // The outcome of what it did is lost, and somebody may wait for it: a recovery finds out, as when it crashes.
            throw new DeathPactException(child);
        }
        if (!child.Equals(_tailReader)) return true;
        _tailReader = ActorRefs.Nobody;
        if (_active is not null) return true;
        LetGoOfWriter();
        StopIfRead();
        return true;
    }

    private void RefuseHeld(string reason)
    {
        while (memory.Held.TryDequeue(out var next)) RefuseOne(next.Message, next.Sender, reason);
        FailSeal(FailureKind.OutcomeUnknown, reason);
    }

    private void FailSeal(FailureKind kind, string reason)
    {
        _seal?.Asker.Tell(new RequestFailed(kind, reason, _seal.Value.Request.RequestId), Self);
        _seal = null;
    }

    private void RefuseUnlessWaiting(object message, IActorRef sender, string reason)
    {
        if (!ReferenceEquals(message, _seal?.Request) && _active?.IsWaiting(message) != true) RefuseOne(message, sender, reason);
    }

    private void RefuseOne(object message, IActorRef sender, string reason) => Fail(message, sender, FailureKind.Unavailable, reason);

    private void Fail(object message, IActorRef sender, FailureKind kind, string reason)
    {
        Requests.Refuse(message, sender, kind, reason, Self);
        if (Requests.PendingBytesOf(message) is > 0 and var bytes) manager.Tell(new Credit(bytes), Self);
    }

    private void Release()
    {
        if (_active is not null && _tailReader.IsNobody()) LetGoOfWriter();
        _reader?.Dispose();
        (_active, _reader) = (null, null);
    }
}
