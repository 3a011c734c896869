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
    private readonly List<Subscription> _subscriptions = new();
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
            var type = (className == "Akka.Event.DefaultLogger" ? typeof(DefaultLogger) : Type.GetType(className))
                ?? throw new Configuration.ConfigurationException($"akka.loggers: there is no type {className}");
            if (typeof(MinimalLogger).IsAssignableFrom(type))
            {
                keepsStdout = true;
                continue;
            }

            var props = Props.Create(type).WithDispatcher(system.Settings.LoggersDispatcher);
            var logger = system.SystemActorOf(props, $"log{_loggers.Count + 1}-{type.Name}");
            var start = new LoggerStart(system);
            logger.Tell(new InitializeLogger(this), start);
            if (!start.Wait(system.Settings.LoggerStartTimeout))
                Publish(new Warning("EventStream", typeof(EventStream), $"{type.Name} did not say within {system.Settings.LoggerStartTimeout} that it is initialized"));
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
            if (IndexOf(subscriber, classifier) >= 0)
                return false;
            _subscriptions.Add(new Subscription(subscriber, classifier));
            _byEvent = new();
            return true;
        }
    }

    private protected override bool Remove(IActorRef subscriber, Type classifier)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        lock (_gate)
        {
            var index = IndexOf(subscriber, classifier);
            if (index < 0)
                return false;
            _subscriptions.RemoveAt(index);
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
            foreach (var subscription in _subscriptions)
            {
                if (subscription.Channel.IsAssignableFrom(type) && !found.Contains(subscription.Subscriber))
                    found.Add(subscription.Subscriber);
            }

            return byEvent[type] = found.ToArray();
        }
    }

    private int IndexOf(IActorRef subscriber, Type channel)
    {
        for (var i = 0; i < _subscriptions.Count; i++)
        {
            if (_subscriptions[i].Channel == channel && _subscriptions[i].Subscriber.Equals(subscriber))
                return i;
        }

        return -1;
    }

    private sealed class Subscription(IActorRef subscriber, Type channel)
    {
        public readonly IActorRef Subscriber = subscriber;
        public readonly Type Channel = channel;
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
