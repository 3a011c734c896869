using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// An actor's life: what stays when the instance is replaced. Everything here runs on the actor's own thread, but for
/// posting to the mailbox and for creating children.
/// </summary>
internal sealed partial class ActorCell : IUntypedActorContext
{
    [ThreadStatic]
    private static ActorCell t_current;

    private readonly LocalActorRef _self;
    private readonly IInternalActorRef _parent;
    private readonly Stack<Receive> _outerBehaviors = new();
    private ActorBase _actor;
    private Receive _behavior;
    private ActorTaskScheduler _taskScheduler;
    private TimeSpan? _receiveTimeout;
    private ICancelable _pendingReceiveTimeout;

    public ActorCell(ActorSystemImpl system, LocalActorRef self, Props props, MessageDispatcher dispatcher, IInternalActorRef parent)
    {
        SystemImpl = system;
        _self = self;
        Props = props;
        Dispatcher = dispatcher;
        _parent = parent;
        Mailbox = new Mailbox(this, dispatcher);
    }

    public static ActorCell Current
    {
        get => t_current;
        set => t_current = value;
    }

    public readonly ActorSystemImpl SystemImpl;
    public readonly Mailbox Mailbox;

    public ActorSystem System => SystemImpl;

    public MessageDispatcher Dispatcher { get; }

    public Props Props { get; }

    public IActorRef Self => _self;

    public IActorRef Parent => _parent;

    public IActorRef Sender { get; private set; }

    public object CurrentMessage { get; private set; }

    /// <summary>Tells two deliveries of one message object apart.</summary>
    public long CurrentEnvelopeId { get; private set; }

    public ActorTaskScheduler TaskScheduler => _taskScheduler ??= new ActorTaskScheduler(this);

    public TimeSpan? ReceiveTimeout => _receiveTimeout;

    public void Invoke(in Envelope envelope)
    {
        var message = envelope.Message;
        var endsSilence = message is not INotInfluenceReceiveTimeout;
        CurrentEnvelopeId++;
        CurrentMessage = message;
        Sender = envelope.Sender ?? SystemImpl.DeadLetters;
        try
        {
            if (endsSilence && _pendingReceiveTimeout is not null)
                CancelReceiveTimeout();
            if (message is TimerMessage timer)
                ReceiveTimer(timer);
            else
                Handle(message);
            CurrentMessage = null;
        }
        catch (Exception cause)
        {
            HandleInvokeFailure(cause);
        }

        if (_receiveTimeout is not null || _pendingReceiveTimeout is not null)
            CheckReceiveTimeout(endsSilence);
    }

    public void ToDeadLetters(in Envelope envelope)
    {
        // A timer's message is for one life of one actor; its loss is of no interest.
        if (envelope.Message is not TimerMessage)
            SystemImpl.DeadLetterRef.Publish(envelope.Message, envelope.Sender, _self);
    }

    public void Become(Receive receive) => _behavior = receive;

    public void Become(UntypedReceive receive) => Become(Always(receive));

    public void BecomeStacked(Receive receive)
    {
        _outerBehaviors.Push(_behavior);
        _behavior = receive;
    }

    public void BecomeStacked(UntypedReceive receive) => BecomeStacked(Always(receive));

    public void UnbecomeStacked()
    {
        if (_outerBehaviors.TryPop(out var outer))
            _behavior = outer;
    }

    public ActorSelection ActorSelection(string actorPath) => new(_self, actorPath);

    public void SetReceiveTimeout(TimeSpan? timeout) => _receiveTimeout = timeout;

    public void CheckReceiveTimeout(bool reschedule)
    {
        if (_receiveTimeout is null)
        {
            CancelReceiveTimeout();
        }
        else if (reschedule || _pendingReceiveTimeout is null)
        {
            CancelReceiveTimeout();
            _pendingReceiveTimeout = System.Scheduler.ScheduleTellOnceCancelable(_receiveTimeout.Value, _self, Actor.ReceiveTimeout.Instance, _self);
        }
    }

    private static Receive Always(UntypedReceive receive) => message =>
    {
        receive(message);
        return true;
    };

    private void CancelReceiveTimeout()
    {
        _pendingReceiveTimeout?.Cancel();
        _pendingReceiveTimeout = null;
    }

    private void AutoReceive(object message)
    {
        switch (message)
        {
            case Terminated terminated:
                ReceiveTerminated(terminated);
                break;
            case PoisonPill:
                _self.Stop();
                break;
            case Kill:
                throw new ActorKilledException("Kill");
            case Identify identify:
                Sender.Tell(new ActorIdentity(identify.MessageId, _self), _self);
                break;
        }
    }

    private void ReceiveTimer(TimerMessage timer)
    {
        if (_actor is not IWithTimers { Timers: TimerScheduler timers } || !timers.Accept(timer, out var message))
            return;

        // The stash takes what is current, and it wants the message itself.
        CurrentMessage = message;
        Handle(message);
    }

    private void Handle(object message)
    {
        if (message is IAutoReceivedMessage)
            AutoReceive(message);
        else
            Deliver(message);
    }

    private void Deliver(object message)
    {
        if (!_behavior(message))
            _actor.HandleUnhandled(message);
    }

    private ActorBase NewActor()
    {
        _outerBehaviors.Clear();
        _behavior = null;
        var actor = Props.NewActor() ?? throw new ActorInitializationException(_self, "Props.NewActor returned null");
        if (actor is IActorStash stashing)
            stashing.Stash = new StashImpl(this);
        return actor;
    }

    private void Publish(LogEvent logEvent) => SystemImpl.EventStream.Publish(logEvent);
}
