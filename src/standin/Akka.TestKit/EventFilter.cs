using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Event;

namespace Akka.TestKit;

/// <summary>Says which log events count, and counts them.</summary>
internal sealed class EventFilter(Predicate<LogEvent> isMatch, string description)
{
    private int _matches;

    public int Matches => Volatile.Read(ref _matches);

    public bool Apply(LogEvent logEvent)
    {
        if (!isMatch(logEvent))
            return false;
        Interlocked.Increment(ref _matches);
        return true;
    }

    public override string ToString() => description;
}

/// <summary>The source, where one is given, is matched as the end of the event's source.</summary>
public class EventFilterFactory
{
    private readonly TestKitBase _testkit;
    private readonly ActorSystem _system;

    public EventFilterFactory(TestKitBase testkit)
        : this(testkit, testkit.Sys)
    {
    }

    public EventFilterFactory(TestKitBase testkit, ActorSystem system)
    {
        _testkit = testkit;
        _system = system;
    }

    public IEventFilterApplier Error(string message = null, string start = null, string contains = null, string source = null) =>
        ForLogLevel(LogLevel.ErrorLevel, message, start, contains, source);

    public IEventFilterApplier Error(Regex pattern, string source = null) => ForLogLevel(LogLevel.ErrorLevel, pattern, source);

    public IEventFilterApplier Warning(string message = null, string start = null, string contains = null, string source = null) =>
        ForLogLevel(LogLevel.WarningLevel, message, start, contains, source);

    public IEventFilterApplier Warning(Regex pattern, string source = null) => ForLogLevel(LogLevel.WarningLevel, pattern, source);

    public IEventFilterApplier Info(string message = null, string start = null, string contains = null, string source = null) =>
        ForLogLevel(LogLevel.InfoLevel, message, start, contains, source);

    public IEventFilterApplier Info(Regex pattern, string source = null) => ForLogLevel(LogLevel.InfoLevel, pattern, source);

    public IEventFilterApplier Debug(string message = null, string start = null, string contains = null, string source = null) =>
        ForLogLevel(LogLevel.DebugLevel, message, start, contains, source);

    public IEventFilterApplier ForLogLevel(LogLevel logLevel, string message = null, string start = null, string contains = null, string source = null) =>
        Filter(logEvent => IsLevel(logEvent, logLevel) && IsText(Text(logEvent), message, start, contains) && IsSource(logEvent, source), $"{logLevel} {message ?? start ?? contains}");

    public IEventFilterApplier ForLogLevel(LogLevel logLevel, Regex pattern, string source = null) =>
        Filter(logEvent => IsLevel(logEvent, logLevel) && pattern.IsMatch(Text(logEvent)) && IsSource(logEvent, source), $"{logLevel} {pattern}");

    public IEventFilterApplier Exception<TException>(string message = null, string start = null, string contains = null, string source = null)
        where TException : Exception => Exception(typeof(TException), message, start, contains, source);

    public IEventFilterApplier Exception(Type exceptionType, string message = null, string start = null, string contains = null, string source = null, bool checkInnerExceptions = false) =>
        Filter(
            logEvent =>
            {
                if (logEvent is not Event.Error || !IsSource(logEvent, source))
                    return false;
                for (var cause = logEvent.Cause; cause is not null; cause = checkInnerExceptions ? cause.InnerException : null)
                {
                    if (exceptionType.IsInstanceOfType(cause) && (IsText(Text(logEvent), message, start, contains) || IsText(cause.Message, message, start, contains)))
                        return true;
                }

                return false;
            },
            $"exception {exceptionType.Name} {message ?? start ?? contains}");

    public IEventFilterApplier DeadLetter() => DeadLetters(static _ => true, null, "any dead letter");

    public IEventFilterApplier DeadLetter<TMessage>(string source = null) =>
        DeadLetters(static message => message is TMessage, source, $"dead letter {typeof(TMessage).Name}");

    public IEventFilterApplier DeadLetter<TMessage>(Func<TMessage, bool> isMatch, string source = null) =>
        DeadLetters(message => message is TMessage typed && isMatch(typed), source, $"dead letter {typeof(TMessage).Name}");

    public IEventFilterApplier Custom(Predicate<LogEvent> predicate) => Filter(predicate, "custom");

    private static bool IsLevel(LogEvent logEvent, LogLevel level) => logEvent.LogLevel() == level && logEvent.Message is not AllDeadLetters;

    private static string Text(LogEvent logEvent) => logEvent.Message?.ToString() ?? "";

    private static bool IsText(string text, string message, string start, string contains) =>
        message is not null ? text == message
        : start is not null ? text.StartsWith(start, StringComparison.Ordinal)
        : contains is null || text.Contains(contains, StringComparison.Ordinal);

    private static bool IsSource(LogEvent logEvent, string source) =>
        source is null || (logEvent.LogSource is { } actual && (actual == source || actual.EndsWith(source, StringComparison.Ordinal)));

    private IEventFilterApplier DeadLetters(Predicate<object> isMatch, string source, string description) =>
        Filter(logEvent => logEvent.Message is DeadLetter letter && isMatch(letter.Message) && IsSource(logEvent, source), description);

    private EventFilterApplier Filter(Predicate<LogEvent> isMatch, string description) => new(_testkit, _system, isMatch, description);
}
