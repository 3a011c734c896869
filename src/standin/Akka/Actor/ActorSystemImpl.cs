using System.Collections.Concurrent;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <remarks>
/// The end: user guardian stops -> loggers stop, system guardian stops -> callbacks, dispatchers and scheduler stop ->
/// <see cref="WhenTerminated"/>.
/// </remarks>
internal sealed class ActorSystemImpl : ExtendedActorSystem, IActorRefProvider
{
    private readonly ActorPath _root;
    private readonly LocalActorRef _guardian;
    private readonly LocalActorRef _systemGuardian;
    private readonly ConcurrentDictionary<Type, Lazy<object>> _extensions = new();
    private readonly Stack<Action> _terminationCallbacks = new();
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IActorRef _deadLetterListener;
    private Serialization.Serialization _serialization;
    private IScheduler _scheduler;
    private ILoggingAdapter _log;
    private long _tempNames;
    private long _uids;
    private bool _callbacksRan;

    public ActorSystemImpl(string name, Config config, ActorSystemSetup setup)
    {
        if (!IsValidName(name))
            throw new ArgumentException($"'{name}' can't be the name of a system: letters and digits of ASCII, and - but not at the start.", nameof(name));
        ArgumentNullException.ThrowIfNull(config);
        Name = name;
        Settings = new Settings(this, config, setup);
        EventStream = new EventStream(false);
        EventStream.StartStdoutLogger(Settings);
        _root = new RootActorPath(new Address("akka", name));
        DeadLetterRef = new DeadLetterActorRef(this, new ChildActorPath(_root, "deadLetters", 0));
        Dispatchers = new Dispatchers(Settings);
        var root = new RootGuardian(this);
        _guardian = MakeGuardian("user", root);
        _systemGuardian = MakeGuardian("system", root);
    }

    public override string Name { get; }

    public override Settings Settings { get; }

    public override EventStream EventStream { get; }

    public override Dispatchers Dispatchers { get; }

    public DeadLetterActorRef DeadLetterRef { get; }

    public override IActorRef DeadLetters => DeadLetterRef;

    public override IActorRefProvider Provider => this;

    public override IInternalActorRef Guardian => _guardian;

    public override IInternalActorRef SystemGuardian => _systemGuardian;

    public override ILoggingAdapter Log => _log ??= new BusLogging(EventStream, $"ActorSystem({Name})", typeof(ActorSystem), DefaultLogMessageFormatter.Instance);

    public override IScheduler Scheduler => _scheduler ?? MakeScheduler();

    public override Serialization.Serialization Serialization =>
        _serialization ?? Interlocked.CompareExchange(ref _serialization, new Serialization.Serialization(this), null) ?? _serialization;

    public override Task WhenTerminated => _terminated.Task;

    public static bool IsValidName(string name)
    {
        if (string.IsNullOrEmpty(name) || name[0] == '-')
            return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                return false;
        }

        return true;
    }

    public ActorPath TempPath() => new ChildActorPath(new ChildActorPath(_root, "temp", 0), NameGenerator.Next(ref _tempNames), 0);

    public long NextUid() => Interlocked.Increment(ref _uids);

    public void Start()
    {
        try
        {
            _guardian.Start();
            _systemGuardian.Start();
            if (Settings.SchedulerClass is { Length: > 0 })
                MakeScheduler();
            EventStream.StartDefaultLoggers(this);
            if (Settings.LogDeadLetters > 0)
                _deadLetterListener = SystemActorOf(Props.Create<DeadLetterListener>(), "deadLetterListener");
            foreach (var extension in Settings.Config.GetStringList("akka.extensions"))
                RegisterExtension((IExtensionId)Activator.CreateInstance(Type.GetType(extension, throwOnError: true)));
        }
        catch
        {
            _ = FinalTerminate();
            throw;
        }
    }

    public override IActorRef ActorOf(Props props, string name = null) => _guardian.Cell.ActorOf(props, name);

    public override IActorRef SystemActorOf(Props props, string name = null) => _systemGuardian.Cell.ActorOf(props, name);

    public override ActorSelection ActorSelection(string actorPath) => new(_guardian, actorPath);

    public IInternalActorRef Resolve(IReadOnlyList<string> elements)
    {
        var at = elements.Count == 0 ? null : elements[0] switch { "user" => _guardian, "system" => _systemGuardian, _ => null };
        for (var i = 1; i < elements.Count && at is not null; i++)
            at = at.Cell.Child(elements[i]) as LocalActorRef;
        return at is { IsTerminated: false } ? at : null;
    }

    /// <summary>Through the parent where there is one to hear of it first: it keeps the name until the actor is gone.</summary>
    public override void Stop(IActorRef actor)
    {
        var parent = actor.Path.Parent;
        if (parent == _guardian.Path)
            _guardian.Cell.Stop(actor);
        else if (parent == _systemGuardian.Path)
            _systemGuardian.Cell.Stop(actor);
        else
            ((IInternalActorRef)actor).Stop();
    }

    public override Task Terminate() => Settings.CoordinatedShutdownRunByActorSystemTerminate
        ? CoordinatedShutdown.Get(this).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance)
        : FinalTerminate();

    public Task FinalTerminate()
    {
        Log.Debug("The system begins to end");
        if (!Settings.LogDeadLettersDuringShutdown && _deadLetterListener is not null)
            Stop(_deadLetterListener);
        _guardian.Stop();
        return WhenTerminated;
    }

    public override void RegisterOnTermination(Action code)
    {
        lock (_terminationCallbacks)
        {
            if (_callbacksRan)
                throw new InvalidOperationException("The system has ended, and takes no more callbacks.");
            _terminationCallbacks.Push(code);
        }
    }

    public void OnUserGuardianTerminated()
    {
        EventStream.StopDefaultLoggers(this);
        _systemGuardian.Stop();
    }

    /// <summary>On a thread of its own: the system guardian's is still inside the guardian.</summary>
    public void OnSystemGuardianTerminated() => ThreadPool.UnsafeQueueUserWorkItem(static system => system.Finish(), this, preferLocal: false);

    public override object RegisterExtension(IExtensionId extension) =>
        _extensions.GetOrAdd(extension.ExtensionType, _ => new Lazy<object>(() => extension.CreateExtension(this))).Value;

    public override object GetExtension(IExtensionId extensionId) =>
        _extensions.TryGetValue(extensionId.ExtensionType, out var extension) ? extension.Value : null;

    public override T GetExtension<T>() => TryGetExtension<T>(out var extension) ? extension : null;

    public override bool HasExtension<T>() => _extensions.ContainsKey(typeof(T));

    public override bool TryGetExtension<T>(out T extension)
    {
        extension = _extensions.TryGetValue(typeof(T), out var made) ? (T)made.Value : null;
        return extension is not null;
    }

    public override string ToString() => _root.Address.ToString();

    private LocalActorRef MakeGuardian(string name, RootGuardian root) =>
        new(this, Props.Create<GuardianActor>(), Dispatchers.DefaultGlobalDispatcher, root, new ChildActorPath(_root, name, NextUid()));

    private IScheduler MakeScheduler()
    {
        lock (_extensions)
        {
            if (_scheduler is not null)
                return _scheduler;
            var name = Settings.SchedulerClass;
            return _scheduler = string.IsNullOrEmpty(name) ? new DefaultScheduler(Log)
                : (IScheduler)Activator.CreateInstance(Type.GetType(name, throwOnError: true), Settings.Config, Log);
        }
    }

    private void Finish()
    {
        while (true)
        {
            Action callback;
            lock (_terminationCallbacks)
            {
                if (!_terminationCallbacks.TryPop(out callback))
                {
                    _callbacksRan = true;
                    break;
                }
            }

            try
            {
                callback();
            }
            catch (Exception e)
            {
                Log.Error(e, "A termination callback failed");
            }
        }

        (_scheduler as IDisposable)?.Dispose();
        Dispatchers.Shutdown();
        _terminated.TrySetResult();
    }
}
