using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>An actor with a handler a message type; of those that fit, the first that was registered handles it.</summary>
public abstract class ReceiveActor : UntypedActor
{
    private readonly Handlers _initial = new();

    // The handlers that are being registered; null outside of the constructor and of a Become.
    private Handlers _configuring;

    protected ReceiveActor() => _configuring = _initial;

    internal void EndOfConstruction() => _configuring = null;

    protected sealed override void OnReceive(object message) => Handle(message, _initial);

    protected void Become(Action configure)
    {
        var handlers = Configure(configure);
        base.Become(message => Handle(message, handlers));
    }

    protected void BecomeStacked(Action configure)
    {
        var handlers = Configure(configure);
        base.BecomeStacked(message => Handle(message, handlers));
    }

    protected void Receive<T>(Action<T> handler, Predicate<T> shouldHandle = null)
    {
        if (shouldHandle is null)
        {
            Register(typeof(T), isCatchAll: typeof(T) == typeof(object), message =>
            {
                handler((T)message);
                return true;
            });
        }
        else
        {
            Receive<T>(message =>
            {
                if (!shouldHandle(message))
                    return false;
                handler(message);
                return true;
            });
        }
    }

    protected void Receive<T>(Predicate<T> shouldHandle, Action<T> handler) => Receive(handler, shouldHandle);

    protected void Receive<T>(Func<T, bool> handler) =>
        Register(typeof(T), isCatchAll: false, message => handler((T)message));

    protected void Receive(Type messageType, Action<object> handler, Predicate<object> shouldHandle = null) =>
        Register(messageType, isCatchAll: messageType == typeof(object) && shouldHandle is null, message =>
        {
            if (shouldHandle is not null && !shouldHandle(message))
                return false;
            handler(message);
            return true;
        });

    protected void ReceiveAny(Action<object> handler) =>
        Register(typeof(object), isCatchAll: true, message =>
        {
            handler(message);
            return true;
        });

    protected void ReceiveAsync<T>(Func<T, Task> handler, Predicate<T> shouldHandle = null) =>
        Receive<T>(message => ActorTaskScheduler.RunTask(() => handler(message)), shouldHandle);

    protected void ReceiveAsync<T>(Predicate<T> shouldHandle, Func<T, Task> handler) => ReceiveAsync(handler, shouldHandle);

    protected void ReceiveAnyAsync(Func<object, Task> handler) =>
        ReceiveAny(message => ActorTaskScheduler.RunTask(() => handler(message)));

    private void Register(Type type, bool isCatchAll, Func<object, bool> handler)
    {
        if (_configuring is null)
            throw new InvalidOperationException("A handler is added in the constructor or in what Become was given, and not later.");
        _configuring.Add(type, isCatchAll, handler);
    }

    private void Handle(object message, Handlers handlers)
    {
        if (!handlers.TryHandle(message))
            Unhandled(message);
    }

    private Handlers Configure(Action configure)
    {
        var outer = _configuring;
        var handlers = _configuring = new Handlers();
        configure();
        _configuring = outer;
        return handlers;
    }

    private sealed class Handlers
    {
        private readonly List<(Type Type, Func<object, bool> Handler)> _all = new();

        // For each type of message that has come so far, the handlers that fit it. Only the actor touches them.
        private readonly Dictionary<Type, Func<object, bool>[]> _byMessageType = new();
        private bool _hasCatchAll;
        private Type _lastType;
        private Func<object, bool>[] _last;

        public void Add(Type type, bool isCatchAll, Func<object, bool> handler)
        {
            if (_hasCatchAll)
                throw new InvalidOperationException("This handler would never be called: one before it takes every message.");
            _hasCatchAll = isCatchAll;
            _all.Add((type, handler));
        }

        public bool TryHandle(object message)
        {
            var type = message.GetType();
            var fitting = ReferenceEquals(type, _lastType) ? _last : Find(type);
            foreach (var handler in fitting)
            {
                if (handler(message))
                    return true;
            }

            return false;
        }

        private Func<object, bool>[] Find(Type type)
        {
            if (!_byMessageType.TryGetValue(type, out var fitting))
            {
                var found = new List<Func<object, bool>>();
                foreach (var (handled, handler) in _all)
                {
                    if (handled.IsAssignableFrom(type))
                        found.Add(handler);
                }

                fitting = found.ToArray();
                _byMessageType.Add(type, fitting);
            }

            _lastType = type;
            _last = fitting;
            return fitting;
        }
    }
}
