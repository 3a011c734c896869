using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Dispatch;

/// <summary>The dispatchers of a system, made from its configuration when first asked for.</summary>
public sealed class Dispatchers
{
    public const string DefaultDispatcherId = "akka.actor.default-dispatcher";

    private readonly Settings _settings;
    private readonly ConcurrentDictionary<string, MessageDispatcher> _dispatchers = new();
    private readonly ConcurrentBag<MessageDispatcher> _pinned = new();
    private readonly Lock _making = new();

    internal Dispatchers(Settings settings)
    {
        _settings = settings;
        DefaultGlobalDispatcher = Lookup(DefaultDispatcherId);
    }

    public MessageDispatcher DefaultGlobalDispatcher { get; }

    public bool HasDispatcher(string id) => _dispatchers.ContainsKey(id) || _settings.Config.HasPath(id);

    public MessageDispatcher Lookup(string dispatcherName)
    {
        if (_dispatchers.TryGetValue(dispatcherName, out var known))
            return known;
        lock (_making)
        {
            if (_dispatchers.TryGetValue(dispatcherName, out known))
                return known;
            var made = Make(dispatcherName);
            if (made is PinnedDispatcher)
                _pinned.Add(made);
            else
                _dispatchers[dispatcherName] = made;
            return made;
        }
    }

    internal void Shutdown()
    {
        foreach (var pair in _dispatchers)
            pair.Value.Shutdown();
        foreach (var dispatcher in _pinned)
            dispatcher.Shutdown();
    }

    private MessageDispatcher Make(string id)
    {
        var config = _settings.Config.GetConfig(id) ?? throw new ConfigurationException($"The configuration has no dispatcher {id}.");
        var throughput = config.GetInt("throughput", _settings.Config.GetInt(DefaultDispatcherId + ".throughput"));
        if (throughput < 1)
            throw new ConfigurationException($"{id}.throughput must be at least 1, but is {throughput}.");
        var type = config.GetString("type", "Dispatcher");
        if (type == "Dispatcher" && config.GetString("executor") == "fork-join-executor")
            type = "ForkJoinDispatcher";
        var made = Make(id, type, throughput, config);
        var deadline = config.GetTimeSpan("throughput-deadline-time", TimeSpan.Zero);
        made.ThroughputDeadlineTime = deadline > TimeSpan.Zero ? deadline.Ticks : null;
        return made;
    }

    private static MessageDispatcher Make(string id, string type, int throughput, Config config)
    {
        switch (type)
        {
            case "Dispatcher" or "TaskDispatcher":
                return new ThreadPoolDispatcher(id, throughput);
            case "PinnedDispatcher":
                return new PinnedDispatcher(id, throughput);
            case "ForkJoinDispatcher":
                var threads = config.GetInt("dedicated-thread-pool.thread-count");
                if (threads < 1)
                    throw new ConfigurationException($"{id}.dedicated-thread-pool.thread-count must be at least 1, but is {threads}.");
                return new DedicatedDispatcher(id, throughput, threads);
            case "Akka.TestKit.CallingThreadDispatcherConfigurator, Akka.TestKit":
                return new CallingThreadDispatcher(id);
            default:
                throw new ConfigurationException($"Dispatcher {id} has the type {type}, which is not one of Dispatcher, TaskDispatcher, ForkJoinDispatcher, PinnedDispatcher.");
        }
    }
}
