using System.Collections.Concurrent;
using Akka.Actor;

namespace Akka.Event;

public abstract class EventBus<TEvent, TClassifier, TSubscriber>
{
    private protected EventBus()
    {
    }

    /// <summary>False where it was subscribed already.</summary>
    public virtual bool Subscribe(TSubscriber subscriber, TClassifier classifier) => Add(subscriber, classifier);

    /// <summary>False where it was not subscribed.</summary>
    public virtual bool Unsubscribe(TSubscriber subscriber, TClassifier classifier) => Remove(subscriber, classifier);

    public virtual bool Unsubscribe(TSubscriber subscriber) => Remove(subscriber);

    public virtual void Publish(TEvent @event) => Send(@event);

    private protected abstract bool Add(TSubscriber subscriber, TClassifier classifier);

    private protected abstract bool Remove(TSubscriber subscriber, TClassifier classifier);

    private protected abstract bool Remove(TSubscriber subscriber);

    private protected abstract void Send(TEvent @event);
}

/// <summary>
/// Passes an event to every actor that subscribed to its type, a base or an interface of it. Subscribers that have
/// stopped are dropped.
/// </summary>
public class LoggingBus : EventBus<object, Type, IActorRef>
{
    private readonly Lock _gate = new();
    private readonly List<(IActorRef Subscriber, Type Channel)> _subscriptions = new();
    private readonly List<IActorRef> _loggers = new();

    // Replaced whole when a subscription changes, so that a publish never sees half of a change.
    private volatile ConcurrentDictionary<Type, IActorRef[]> _byEvent = new();

    private protected LoggingBus()
    {
    }

    public LogLevel LogLevel { get; private set; }

    public void SetLogLevel(LogLevel logLevel)
    {
        LogLevel = logLevel;
        foreach (var logger in _loggers)
            SubscribeFrom(logLevel, logger);
    }

    public void StartStdoutLogger(Settings config) => SubscribeFrom(Logging.LogLevelFor(config.StdoutLogLevel), config.StdoutLogger);

    /// <summary>Returns when every logger has answered, or has taken longer than it may.</summary>
    internal void StartDefaultLoggers(ActorSystemImpl system)
    {
        LogLevel = Logging.LogLevelFor(system.Settings.LogLevel);
        var keepsStdout = false;
        foreach (var className in system.Settings.Loggers)
        {
            var type = Type.GetType(className)
                ?? throw new Configuration.ConfigurationException($"Logger specified in config cannot be found: \"{className}\"");
            if (typeof(MinimalLogger).IsAssignableFrom(type))
            {
                keepsStdout = true;
                continue;
            }

            var props = Props.Create(type).WithDispatcher(system.Settings.LoggersDispatcher);
            var logger = system.SystemActorOf(props, $"log{_loggers.Count + 1}-{type.Name}");
            var answer = logger.Ask(new InitializeLogger(this), system.Settings.LoggerStartTimeout);
            if (!answer.ContinueWith(static _ => { }, TaskScheduler.Default).Wait(system.Settings.LoggerStartTimeout + TimeSpan.FromSeconds(1)) || answer.Status != TaskStatus.RanToCompletion)
                Publish(new Warning("EventStream", typeof(EventStream), $"Logger {type.Name} did not respond within {system.Settings.LoggerStartTimeout} to InitializeLogger(bus)"));
            _loggers.Add(logger);
            SubscribeFrom(LogLevel, logger);
        }

        if (!keepsStdout)
            Unsubscribe(system.Settings.StdoutLogger);
    }

    internal void StopDefaultLoggers(ActorSystemImpl system)
    {
        StartStdoutLogger(system.Settings);
        foreach (var logger in _loggers)
        {
            Unsubscribe(logger);
            system.Stop(logger);
        }
    }

    private protected override bool Add(IActorRef subscriber, Type classifier)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        lock (_gate)
        {
            if (_subscriptions.Contains((subscriber, classifier)))
                return false;
            _subscriptions.Add((subscriber, classifier));
            _byEvent = new();
            return true;
        }
    }

    private protected override bool Remove(IActorRef subscriber, Type classifier)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        lock (_gate)
        {
            if (!_subscriptions.Remove((subscriber, classifier)))
                return false;
            _byEvent = new();
            return true;
        }
    }

    private protected override bool Remove(IActorRef subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        lock (_gate)
        {
            if (_subscriptions.RemoveAll(subscription => subscription.Subscriber.Equals(subscriber)) == 0)
                return false;
            _byEvent = new();
            return true;
        }
    }

    private protected override void Send(object @event)
    {
        var byEvent = _byEvent;
        if (!byEvent.TryGetValue(@event.GetType(), out var subscribers))
            subscribers = Find(byEvent, @event.GetType());
        foreach (var subscriber in subscribers)
        {
            if (subscriber is IInternalActorRef { IsTerminated: true })
                Unsubscribe(subscriber);
            else
                subscriber.Tell(@event, ActorRefs.NoSender);
        }
    }

    private void SubscribeFrom(LogLevel logLevel, IActorRef logger)
    {
        for (var level = LogLevel.DebugLevel; level <= LogLevel.ErrorLevel; level++)
        {
            if (level >= logLevel)
                Subscribe(logger, level.ClassFor());
            else
                Unsubscribe(logger, level.ClassFor());
        }
    }

    private IActorRef[] Find(ConcurrentDictionary<Type, IActorRef[]> byEvent, Type type)
    {
        lock (_gate)
        {
            var found = new List<IActorRef>();
            foreach (var (subscriber, channel) in _subscriptions)
            {
                if (channel.IsAssignableFrom(type) && !found.Contains(subscriber))
                    found.Add(subscriber);
            }

            return byEvent[type] = found.ToArray();
        }
    }
}

public class EventStream : LoggingBus
{
    public EventStream(bool debug)
    {
    }
}

public static class EventStreamExtensions
{
    public static bool Subscribe<TChannel>(this EventStream eventStream, IActorRef subscriber) => eventStream.Subscribe(subscriber, typeof(TChannel));

    public static bool Unsubscribe<TChannel>(this EventStream eventStream, IActorRef subscriber) => eventStream.Unsubscribe(subscriber, typeof(TChannel));
}
