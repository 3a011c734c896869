using Akka.Actor;

namespace Akka.Event;

/// <summary>A message whose loss is of no interest.</summary>
public interface IDeadLetterSuppression
{
}

public abstract class AllDeadLetters : IWrappedMessage
{
    protected AllDeadLetters(object message, IActorRef sender, IActorRef recipient)
    {
        Message = message;
        Sender = sender;
        Recipient = recipient;
    }

    public object Message { get; }

    public IActorRef Sender { get; }

    public IActorRef Recipient { get; }

    public override string ToString() => $"{GetType().Name} from {Sender} to {Recipient}: <{Message}>";
}

public sealed class DeadLetter : AllDeadLetters
{
    public DeadLetter(object message, IActorRef sender, IActorRef recipient)
        : base(message, sender, recipient)
    {
        ArgumentNullException.ThrowIfNull(sender);
        ArgumentNullException.ThrowIfNull(recipient);
    }
}

public sealed class SuppressedDeadLetter : AllDeadLetters
{
    public SuppressedDeadLetter(IDeadLetterSuppression message, IActorRef sender, IActorRef recipient)
        : base(message, sender, recipient)
    {
    }
}

public sealed class UnhandledMessage : AllDeadLetters
{
    public UnhandledMessage(object message, IActorRef sender, IActorRef recipient)
        : base(message, sender, recipient)
    {
    }
}

/// <summary>Logs dead letters and unhandled messages, as many as `akka.log-dead-letters` allows.</summary>
public class DeadLetterListener : ActorBase
{
    private readonly int _limit = Context.System.Settings.LogDeadLetters;
    private readonly TimeSpan _pause = Context.System.Settings.LogDeadLettersSuspendDuration;
    private readonly ITimeProvider _clock = Context.System.Scheduler;
    private int _count;
    private TimeSpan? _silentUntil;

    protected internal override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
        Context.System.EventStream.Subscribe(Self, typeof(UnhandledMessage));
    }

    protected internal override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override bool Receive(object message)
    {
        if (message is not AllDeadLetters letter)
            return false;
        if (letter.Message is IDeadLetterSuppression)
            return true;
        _count++;
        if (_silentUntil is { } until)
        {
            if (_clock.MonotonicClock < until)
                return true;
            Log(letter, $", {_count - _limit - 1} of them in silence; counted anew from here");
            _count = 0;
            _silentUntil = null;
        }
        else if (_count < _limit || _limit == int.MaxValue)
        {
            Log(letter, "");
        }
        else if (_pause == Timeout.InfiniteTimeSpan)
        {
            Log(letter, "; the rest goes unlogged");
            Context.Stop(Self);
        }
        else
        {
            Log(letter, $"; what comes in the next {_pause} goes unlogged");
            _silentUntil = _clock.MonotonicClock + _pause;
        }

        return true;
    }

    private void Log(AllDeadLetters letter, string note)
    {
        var from = letter.Sender is null || letter.Sender.Equals(Context.System.DeadLetters) ? "" : $" from {letter.Sender}";
        var what = letter.Message.GetType().Name;
        var fate = letter is UnhandledMessage ? "unhandled" : "not delivered";
        var content = letter.Message.ToString();
        Context.System.EventStream.Publish(new Info(
            letter.Recipient.Path.ToString(),
            letter.Recipient.GetType(),
            $"{letter.Recipient}: a {what}{from} was {fate}, number {_count} of the dead letters{note}. "
            + "How many are logged: akka.log-dead-letters and akka.log-dead-letters-during-shutdown."
            + (content == what ? "" : $" It says: {content}")));
    }
}
