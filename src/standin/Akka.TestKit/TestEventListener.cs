using Akka.Actor;
using Akka.Event;

namespace Akka.TestKit;

/// <summary>A logger that lets a test wait for an event, which is then not printed. Dead letters count as warnings.</summary>
public class TestEventListener : DefaultLogger
{
    private readonly List<EventFilter> _filters = new();

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger initialize:
                foreach (var channel in new[] { typeof(MuteFilter), typeof(UnmuteFilter), typeof(DeadLetter), typeof(UnhandledMessage) })
                    initialize.LoggingBus.Subscribe(Context.Self, channel);
                return base.Receive(message);
            case MuteFilter mute:
                _filters.Add(mute.Filter);
                return true;
            case UnmuteFilter unmute:
                _filters.Remove(unmute.Filter);
                return true;
            case LogEvent logEvent:
                if (!IsFiltered(logEvent))
                    Print(logEvent);
                return true;
            case DeadLetter letter:
                IsFiltered(letter, letter.Recipient);
                return true;
            case UnhandledMessage unhandled:
                IsFiltered(unhandled, unhandled.Recipient);
                return true;
            default:
                return false;
        }
    }

    private bool IsFiltered(AllDeadLetters letter, IActorRef recipient) =>
        letter.Message is not LogEvent && IsFiltered(new Warning(recipient.Path.ToString(), recipient.GetType(), letter));

    private bool IsFiltered(LogEvent logEvent)
    {
        foreach (var filter in _filters)
        {
            if (filter.Apply(logEvent))
                return true;
        }

        return false;
    }
}

internal sealed record MuteFilter(EventFilter Filter);

internal sealed record UnmuteFilter(EventFilter Filter);
