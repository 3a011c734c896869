using Akka.Configuration;

namespace Akka.Actor;

/// <summary>What is known of a child; whether it has been told to stop, and how often it was restarted.</summary>
internal sealed class ChildStats(LocalActorRef child)
{
    private int _restarts;
    private long _windowStart;

    public LocalActorRef Child => child;

    public bool IsDying { get; set; }

    /// <summary>
    /// maxNrOfRetries: below 0 there is no limit, 0 allows none. withinTimeMilliseconds: 0 or less means that restarts are
    /// counted for ever; else the count starts over with the first restart after the window has passed.
    /// </summary>
    public bool RequestRestartPermission(int maxNrOfRetries, int withinTimeMilliseconds)
    {
        if (maxNrOfRetries == 0)
            return false;
        if (withinTimeMilliseconds <= 0)
            return maxNrOfRetries < 0 || ++_restarts <= maxNrOfRetries;
        var now = Environment.TickCount64;
        if (_windowStart == 0)
            _windowStart = now;
        if (now - _windowStart > withinTimeMilliseconds)
        {
            _restarts = 1;
            _windowStart = now;
            return true;
        }

        return ++_restarts <= Math.Max(maxNrOfRetries, 1);
    }
}

internal sealed partial class ActorCell
{
    private enum WaitingFor
    {
        Nothing,
        Creation,
        Recreation,
        Termination,
    }

    private readonly Dictionary<string, ChildStats> _children = new();
    private long _childNames;
    private WaitingFor _waitingFor;
    private bool _isTerminating;

    public IActorRef ActorOf(Props props, string name = null)
    {
        var dispatcher = DispatcherOf(props, name);
        LocalActorRef child;
        lock (_children)
        {
            if (_isTerminating)
                throw new InvalidOperationException($"{_self.Path} is ending or has ended, and takes no more children");
            if (name is null)
                name = NameGenerator.Next(ref _childNames);
            else
                CheckName(name);
            if (_children.ContainsKey(name))
                throw new InvalidActorNameException($"{_self.Path} has a child named {name} already");
            child = new LocalActorRef(SystemImpl, props, dispatcher, _self, new ChildActorPath(_self.Path, name, SystemImpl.NextUid()));
            _children.Add(name, new ChildStats(child));
        }

        child.Start();
        return child;
    }

    public IActorRef Child(string name)
    {
        lock (_children)
            return _children.TryGetValue(name, out var stats) ? stats.Child : ActorRefs.Nobody;
    }

    public IEnumerable<IActorRef> GetChildren()
    {
        var stats = Stats();
        var children = new IActorRef[stats.Length];
        for (var i = 0; i < children.Length; i++)
            children[i] = stats[i].Child;
        return children;
    }

    /// <summary>Any actor may be stopped through this; it is called `child` in Akka.NET.</summary>
    public void Stop(IActorRef child)
    {
        lock (_children)
        {
            if (_children.TryGetValue(child.Path.Name, out var stats) && stats.Child.Equals(child))
                stats.IsDying = true;
        }

        ((IInternalActorRef)child).Stop();
    }

    private static void CheckName(string name)
    {
        if (name.Length == 0)
            throw new InvalidActorNameException("The name of an actor has at least one character.");
        if (!ActorPath.IsValidPathElement(name))
            throw new InvalidActorNameException($"'{name}' can't be the name of an actor: letters and digits of ASCII, and any of -_.*$+:@&=,!~';(), but no $ at the start.");
    }

    private Dispatch.MessageDispatcher DispatcherOf(Props props, string name)
    {
        var dispatchers = SystemImpl.Dispatchers;
        if (props.DispatcherOrNull is not { } id)
            return dispatchers.DefaultGlobalDispatcher;
        return dispatchers.HasDispatcher(id) ? dispatchers.Lookup(id)
            : throw new ConfigurationException($"{_self.Path}/{name} is to run on the dispatcher {id}, which the configuration lacks");
    }

    private ChildStats[] Stats()
    {
        lock (_children)
        {
            if (_children.Count == 0)
                return [];
            var stats = new ChildStats[_children.Count];
            _children.Values.CopyTo(stats, 0);
            return stats;
        }
    }

    private ChildStats StatsOf(IActorRef child)
    {
        lock (_children)
            return _children.TryGetValue(child.Path.Name, out var stats) && stats.Child.Equals(child) ? stats : null;
    }

    private void StopChildren()
    {
        foreach (var stats in Stats())
            Stop(stats.Child);
    }

    /// <summary>True where children that were told to stop are still there; <see cref="HandleChildTerminated"/> goes on then.</summary>
    private bool MustWaitFor(WaitingFor what)
    {
        lock (_children)
        {
            if (what == WaitingFor.Termination)
                _isTerminating = true;
            foreach (var stats in _children.Values)
            {
                if (!stats.IsDying)
                    continue;
                _waitingFor = what;
                return true;
            }
        }

        return false;
    }

    private WaitingFor RemoveChild(ChildStats child)
    {
        lock (_children)
        {
            _children.Remove(child.Child.Path.Name);
            foreach (var stats in _children.Values)
            {
                if (stats.IsDying)
                    return WaitingFor.Nothing;
            }

            var waitedFor = _waitingFor;
            _waitingFor = WaitingFor.Nothing;
            return waitedFor;
        }
    }
}
