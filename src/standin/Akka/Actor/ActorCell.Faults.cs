using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

/// <remarks>
/// <code>
///                       handler throws                     supervisor decides
///   running ---------------------------------> suspended ---------------------> resumed | recreated | stopped
///
///   recreate:  PreRestart, wait for the children it stopped, new instance, resume, PostRestart, restart surviving children
///   terminate: stop the children, wait for them, PostStop, close the mailbox, tell parent and watchers
/// </code>
/// While children are waited for, the messages that would begin another change of this kind are kept back.
/// </remarks>
internal sealed partial class ActorCell
{
    private readonly Queue<SystemMessage> _heldBack = new();
    private IActorRef _failed;
    private Exception _recreationCause;

    private bool IsFailed => _failed is not null;

    public void HandleSystemMessages()
    {
        for (var message = Mailbox.TakeSystemMessages(); message is not null;)
        {
            var next = message.Next;
            message.Next = null;
            if (Mailbox.IsClosed)
                DeadLetterActorRef.AnswerWatch(message);
            else
                HandleOrHoldBack(message);
            message = next ?? Mailbox.TakeSystemMessages();
        }
    }

    private void HandleOrHoldBack(SystemMessage message)
    {
        if (MustHoldBack(message))
        {
            _heldBack.Enqueue(message);
            return;
        }

        HandleSystemMessage(message);
        for (var left = _heldBack.Count; left > 0 && !Mailbox.IsClosed; left--)
        {
            var held = _heldBack.Dequeue();
            if (MustHoldBack(held))
                _heldBack.Enqueue(held);
            else
                HandleSystemMessage(held);
        }
    }

    private bool MustHoldBack(SystemMessage message) =>
        _waitingFor is WaitingFor.Creation or WaitingFor.Recreation ? message.StashedWhenWaitingForChildren
        : Mailbox.IsSuspended && message.StashedWhenSuspended;

    [SuppressMessage("Design", "CA1031", Justification = "what fails here is told to the supervisor")]
    private void HandleSystemMessage(SystemMessage message)
    {
        try
        {
            switch (message)
            {
                case Create: CreateActor(); break;
                case Terminate: TerminateActor(); break;
                case RunTask task: ContinueTask(task); break;
                case Failed failed: HandleFailed(failed); break;
                case DeathWatchNotification notification: WatchedActorTerminated(notification); break;
                case Watch watch: AddWatcher(watch); break;
                case Unwatch unwatch: _watchedBy?.Remove(unwatch.Watcher); break;
                case Suspend: SuspendTree(); break;
                case Resume resume: ResumeTree(resume.CausedByFailure); break;
                case Recreate recreate: RecreateActor(recreate.Cause); break;
            }
        }
        catch (Exception cause)
        {
            HandleInvokeFailure(cause);
        }
    }

    private void ContinueTask(RunTask step)
    {
        CurrentMessage = step.Message;
        if (step.Exception is not null)
        {
            Mailbox.ResumeUser();
            HandleInvokeFailure(step.Exception);
            return;
        }

        TaskScheduler.Execute(step.Task);
        CurrentMessage = null;
    }

    private void CreateActor()
    {
        try
        {
            _actor = NewActor();
            _actor.PreStart();
            CheckReceiveTimeout(reschedule: true);
        }
        catch (Exception cause)
        {
            _actor = null;
            throw new ActorInitializationException(_self, "the constructor or PreStart failed", cause);
        }
    }

    /// <summary>Nothing more is handled until the supervisor has decided. A failure of one that has failed is no news.</summary>
    private void HandleInvokeFailure(Exception cause, ChildStats[] alsoNotSuspended = null)
    {
        if (IsFailed)
            return;
        Mailbox.SuspendUser();
        var escalated = CurrentMessage is Failed failed ? failed.Child : null;
        _failed = escalated ?? _self;
        foreach (var stats in Stats())
        {
            if (!stats.Child.Equals(escalated) && (alsoNotSuspended is null || !alsoNotSuspended.Contains(stats)))
                stats.Child.SendSystemMessage(new Suspend());
        }

        _parent.SendSystemMessage(new Failed(_self, cause));
    }

    private void SuspendTree()
    {
        Mailbox.SuspendUser();
        foreach (var stats in Stats())
            stats.Child.SendSystemMessage(new Suspend());
    }

    private void ResumeTree(Exception causedByFailure)
    {
        if (_isTerminating)
        {
            Mailbox.ResumeUser();
            return;
        }

        if (_actor is null)
        {
            // It failed before it was there: begin anew.
            StopChildren();
            if (!MustWaitFor(WaitingFor.Creation))
                FinishCreate();
            return;
        }

        var perpetrator = _failed;
        Mailbox.ResumeUser();
        if (causedByFailure is not null)
            _failed = null;
        foreach (var stats in Stats())
            stats.Child.SendSystemMessage(new Resume(stats.Child.Equals(perpetrator) ? causedByFailure : null));
    }

    private void FinishCreate()
    {
        Mailbox.ResumeUser();
        _failed = null;
        CreateActor();
    }

    private void RecreateActor(Exception cause)
    {
        if (_actor is null || _isTerminating)
        {
            ResumeTree(null);
            return;
        }

        var failedActor = _actor;
        var message = CurrentMessage;
        try
        {
            failedActor.CancelTimers();
            failedActor.PreRestart(cause, message);
            (failedActor as IActorStash)?.Stash?.UnstashAll();
        }
        catch (Exception e)
        {
            Publish(new Error(new PreRestartException(_self, e, cause, message), _self.Path.ToString(), failedActor.GetType(), e.Message));
        }

        Props.Release(failedActor);
        CurrentMessage = null;
        _recreationCause = cause;
        if (!MustWaitFor(WaitingFor.Recreation))
            FinishRecreate();
    }

    private void FinishRecreate()
    {
        var survivors = Stats();
        var cause = _recreationCause;
        try
        {
            Mailbox.ResumeUser();
            _failed = null;
            _actor = null;
            _actor = NewActor();
            _actor.PostRestart(cause);
            foreach (var stats in survivors)
                stats.Child.SendSystemMessage(new Recreate(cause));
        }
        catch (Exception e)
        {
            HandleInvokeFailure(new PostRestartException(_self, e, cause), survivors);
        }
    }

    private void TerminateActor()
    {
        _receiveTimeout = null;
        CancelReceiveTimeout();
        UnwatchWatchedActors();
        StopChildren();
        var wasTerminating = _isTerminating;
        if (!MustWaitFor(WaitingFor.Termination))
        {
            FinishTerminate();
        }
        else if (!wasTerminating)
        {
            Mailbox.SuspendUser();
            _failed = _self;
        }
    }

    /// <remarks>A parent that also watches must hear of its child's end as a parent first: its name is free by then.</remarks>
    private void FinishTerminate()
    {
        var actor = _actor;
        try
        {
            if (actor is not null)
            {
                actor.CancelTimers();
                actor.PostStop();
                (actor as IActorStash)?.Stash?.UnstashAll();
            }
        }
        catch (Exception e)
        {
            Publish(new Error(e, _self.Path.ToString(), actor.GetType(), e.Message));
        }

        Mailbox.Close();
        Dispatcher.Detach();
        _parent.SendSystemMessage(new DeathWatchNotification(_self, existenceConfirmed: true));
        TellWatchersWeDied();
        UnwatchWatchedActors();
        Props.Release(actor);
        while (_heldBack.TryDequeue(out var held))
            DeadLetterActorRef.AnswerWatch(held);
        _actor = null;
        _behavior = null;
        _outerBehaviors.Clear();
        CurrentMessage = null;
    }

    private void HandleFailed(Failed failed)
    {
        CurrentMessage = failed;
        Sender = failed.Child;
        if (StatsOf(failed.Child) is { } child && _actor is not null)
        {
            var strategy = Props.SupervisorStrategy ?? _actor.Strategy;
            if (!strategy.HandleFailure(this, child, failed.Cause, Stats()))
                ExceptionDispatchInfo.Throw(failed.Cause);
        }

        CurrentMessage = null;
    }

    private void HandleChildTerminated(ChildStats child)
    {
        switch (RemoveChild(child))
        {
            case WaitingFor.Recreation: FinishRecreate(); break;
            case WaitingFor.Creation: FinishCreate(); break;
            case WaitingFor.Termination: FinishTerminate(); break;
        }
    }
}
