using Akka;
using Akka.Actor;
using AkkaWal.Configuration;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Routes;
using AkkaWal.Storage.Files;
using AkkaWal.Subscriptions;

namespace AkkaWal;

/// <summary>
/// The logs of an actor system, by name. The extension adds the configuration that they need (dispatchers,
/// serializers), and closes them before the system terminates. For any number of threads.
/// </summary>
/// <remarks>
/// A log that is opened here is an actor below /system, and is independent of failures below /user. A log with another
/// parent is made with <see cref="LogManager.Props"/> and closed by that parent.
/// </remarks>
public sealed class Wal : IExtension
{
    /// <summary>The name of the log that <c>akka-wal</c> itself configures, if its directory is set.</summary>
    public const string DefaultName = "wal";

    private const string ClosingPhase = CoordinatedShutdown.PhaseBeforeActorSystemTerminate;

    private readonly Lock _gate = new();
    // All logs that were ever opened. They are opened again with the same settings.
    private readonly Dictionary<string, OpenedLog> _opened = new(StringComparer.Ordinal);
    private readonly ExtendedActorSystem _system;
    private readonly WalSetup _setup;
    private readonly IReadOnlyList<string> _configured;
    private readonly Lazy<IActorRef> _subscriptions;
    private bool _isEnding;

    internal Wal(ExtendedActorSystem system)
    {
        (_system, _setup) = (system, system.Settings.Setup.Get<WalSetup>().GetOrElse(WalSetup.Empty));
        // Injected only if keys are missing, since an injection makes the system set up its serialization again.
        if (!ConfigKeys.HoldsAll(system.Settings.Config, WalSettings.ReferenceConfig))
            system.Settings.InjectTopLevelFallback(WalSettings.ReferenceConfig);
        _configured = ConfiguredNames();
        foreach (var name in _configured) SettingsOf(name);
        States = new LogStates(system);
        var supervisor = Props.Create<SubscriptionSupervisor>((Func<string, TimeSpan, WalClient>)Client);
        _subscriptions = new(() =>
            system.SystemActorOf(supervisor.WithDeploy(Deploy.Local), "akka-wal-subscriptions"));
    }

    /// <summary>
    /// Send a <see cref="Subscribe"/> to this actor, from the same node, for a log on this or another node.
    /// </summary>
    public IActorRef Subscriptions => _subscriptions.Value;

    /// <summary>The state that survives restarts, of all logs in the system.</summary>
    internal LogStates States { get; }

    /// <summary>The extension of an actor system. The first call creates it.</summary>
    /// <exception cref="WalConfigException">
    /// The section <c>akka-wal</c>, or a log's section below <c>akka-wal.logs</c>, has an unknown key or an illegal
    /// value. The message begins with the key.
    /// </exception>
    public static Wal Get(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return system.WithExtension<Wal, WalProvider>();
    }

    /// <summary>
    /// The path of a log's manager in its actor system, without an address, for actor selections from other nodes. A
    /// node that only sends requests needs the extension too, for the serializer.
    /// </summary>
    public static string PathOf(string name) => $"/system/{LogPaths.ActorNameOf(name)}";

    /// <summary>
    /// The manager of a log that is configured or was opened. The first call opens the log. After the log has stopped,
    /// the next call opens it again with the same settings.
    /// </summary>
    /// <param name="name">A name below <c>akka-wal.logs</c> or in the <see cref="WalSetup"/>,
    /// <see cref="DefaultName"/>, or one that was given to <see cref="Open"/>.</param>
    /// <returns>
    /// The same reference as long as the log runs. If the directory can't be opened or the log is stopping, the manager
    /// refuses each request with the reason.
    /// </returns>
    /// <exception cref="WalConfigException">
    /// No log has this name (the message has a similar one), or it has no directory, or another open log has the same.
    /// </exception>
    /// <exception cref="InvalidOperationException">It is not open, and the actor system is ending.</exception>
    public IActorRef Log(string name = DefaultName)
    {
        ArgumentNullException.ThrowIfNull(name);
        lock (_gate)
        {
            if (!_opened.TryGetValue(name, out var log))
            {
                ThrowIfUnknown(name);
                return Start(name, SettingsOf(name), files: null);
            }
            return _isEnding || IsRunning(name) ? log.Manager : Start(name, log.Settings, log.Files);
        }
    }

    /// <summary>Opens a log with its own settings. Afterwards <see cref="Log"/> finds it.</summary>
    /// <param name="name">
    /// A legal actor name of at most 128 characters. A section of that name below <c>akka-wal.logs</c> is not used
    /// here: see <see cref="SettingsOf"/>.
    /// </param>
    /// <param name="settings">From <see cref="SettingsOf"/>, or set by hand.</param>
    /// <param name="files">The file system; null for the machine's own.</param>
    /// <returns>The log's manager.</returns>
    /// <exception cref="InvalidOperationException">
    /// The log is open already, or not closed yet, or the actor system is ending.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// The settings are not complete. A <see cref="WalConfigException"/> if the name is not legal for a log, or another
    /// open log has the directory.
    /// </exception>
    public IActorRef Open(string name, WalSettings settings, IWalFileSystem? files = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(settings);
        lock (_gate)
        {
            if (IsRunning(name)) throw new InvalidOperationException($"the log {name} is open already");
            return Start(name, settings, files);
        }
    }

    /// <summary>
    /// Closes a log, as the end of the system does. Every request that waits gets its reply first. The task ends when
    /// the directory is free. <see cref="Log"/> or <see cref="Open"/> opens the log again; until then each request of a
    /// <see cref="Client"/> waits, and is refused at the end of its time-out. Does nothing if no log was opened under
    /// the name.
    /// </summary>
    /// <param name="name">The log's name.</param>
    /// <param name="cancellation">Ends the wait; the log closes all the same.</param>
    public async Task CloseAsync(string name, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        OpenedLog? log;
        lock (_gate)
        {
            if (!_opened.TryGetValue(name, out log)) return;
            log.IsClosed = true;
        }
        var stopped = log.Manager.WatchAsync(cancellation);
        _system.Stop(log.Manager);
        await stopped.ConfigureAwait(false);
        // The parent is notified at about the same time. Only then is the name free, and the log may be opened again
        // under it at once.
        while (RunningUnder(name).Equals(log.Manager)) await Task.Delay(1, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// A client that finds the log for each request. It goes on after the log has stopped and started again with the
    /// same name or path. If a log of this system is not open, the first request opens it. If <see cref="CloseAsync"/>
    /// has closed the log, requests wait until it is opened again, at most as long as for a reply.
    /// </summary>
    /// <param name="log">
    /// The log's name, or the path of its manager on this or another node: <c>"akka.tcp://shop@disk:4053" +
    /// Wal.PathOf("orders")</c>.
    /// </param>
    /// <param name="timeout">As in <see cref="WalClient"/>'s constructor.</param>
    /// <exception cref="WalConfigException">No log has this name; the message has a similar one.</exception>
    /// <exception cref="ArgumentException">It is neither a name nor the path of an actor.</exception>
    public WalClient Client(string log, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (log.Contains('/'))
        {
            var path = LogPaths.Parse(log, _system)
                ?? throw new ArgumentException($"'{log}' is not the path of an actor", nameof(log));
            var manager = _system.ActorSelection(path);
            return new WalClient(new DirectRoute(() => manager, path), timeout);
        }
        lock (_gate)
            if (!_opened.ContainsKey(log)) ThrowIfUnknown(log);
        // Kept, since to look it up takes a lock. Which of two threads sets it last does not matter.
        OpenedLog? used = null;
        return new WalClient(new DirectRoute(FindAgain, LogPaths.Parse(PathOf(log), _system)!), timeout);

        IActorRef? FindAgain()
        {
            var last = used;
            if (last is not { IsInUse: true }) used = last = Find(log);
            return last?.Manager;
        }
    }

    /// <summary>
    /// The settings of a log: its section below <c>akka-wal.logs</c>, which may be absent, with <c>akka-wal</c> as
    /// fallback, and the changes of the system's <see cref="WalSetup"/>.
    /// </summary>
    /// <exception cref="WalConfigException">
    /// The name is not legal for a log, or two values contradict each other.
    /// </exception>
    public WalSettings SettingsOf(string name)
    {
        var config = _system.Settings.Config;
        var settings = WalSettings.FromConfig(config, name);
        if (settings.Directory.Length == 0 && name == DefaultName)
            settings = settings with { Directory = WalSettings.FromConfig(config).Directory };
        return _setup.Apply(name, settings);
    }

    private IReadOnlyList<string> ConfiguredNames()
    {
        var config = _system.Settings.Config;
        string[] withoutSection = WalSettings.FromConfig(config).Directory.Length > 0 ? [DefaultName] : [];
        return [.. LogSections.Names(config).Union(_setup.Names).Union(withoutSection)];
    }

    private IActorRef Start(string name, WalSettings settings, IWalFileSystem? files)
    {
        var key = LogSections.KeyOf(name);
        if (settings.Directory.Length == 0)
            throw new WalConfigException(
                $"{key}.directory", "must be set: the absolute path of the log's own directory");
        var directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(settings.Directory));
        foreach (var (other, log) in _opened)
            if (log.Directory == directory && other != name && IsRunning(other))
                throw new WalConfigException($"{key}.directory", $"is the log {other}'s: {directory}");
        if (_isEnding) throw new InvalidOperationException("the actor system is ending");

        var manager = _system.SystemActorOf(LogManager.Props(_system, settings, files), LogPaths.ActorNameOf(name));
        // Added after the start: a start that throws may be tried again many times.
        if (_opened.Count == 0) CoordinatedShutdown.Get(_system).AddTask(ClosingPhase, "akka-wal-close", CloseAll);
        _opened[name] = new OpenedLog(manager, directory, settings, files);
        return manager;
    }

    private void ThrowIfUnknown(string name)
    {
        if (!_configured.Contains(name, StringComparer.Ordinal))
            throw ConfigKeys.Unknown(name, LogSections.Parent, [.. _configured.Union(_opened.Keys)]);
    }

    // True also while the log stops. Afterwards its name is free.
    private bool IsRunning(string name) => !RunningUnder(name).IsNobody();

    private IActorRef RunningUnder(string name) =>
        _system.SystemGuardian.GetChild([LogPaths.ActorNameOf(name)]);

    // Used by clients; null if the log was closed and may be opened again.
    private OpenedLog? Find(string name)
    {
        lock (_gate)
        {
            if (_isEnding && !IsRunning(name)) throw new InvalidOperationException("the actor system is ending");
            if (_opened.TryGetValue(name, out var log) && log.IsClosed) return null;
            Log(name);
            return _opened[name];
        }
    }

    // Runs before the system terminates, while its loggers and its connections to other nodes still work.
    private async Task<Done> CloseAll()
    {
        List<IActorRef> managers;
        lock (_gate)
        {
            _isEnding = true;
            managers = [.. _opened.Values.Select(log => log.Manager)];
        }
        var patience = CoordinatedShutdown.Get(_system).Timeout(ClosingPhase);
        await Task.WhenAll(managers.Select(manager => manager.GracefulStop(patience))).ConfigureAwait(false);
        return Done.Instance;
    }

    private sealed class OpenedLog(IActorRef manager, string directory, WalSettings settings, IWalFileSystem? files)
    {
        internal IActorRef Manager => manager;

        internal string Directory => directory;

        internal WalSettings Settings => settings;

        internal IWalFileSystem? Files => files;

        /// <summary>Whether it was closed on purpose.</summary>
        internal bool IsClosed
        {
            get => Volatile.Read(ref field);
            set => Volatile.Write(ref field, value);
        }

        /// <summary>
        /// Whether its manager runs, and was not told to stop by <see cref="CloseAsync"/>. For any thread.
        /// </summary>
        internal bool IsInUse => !IsClosed && manager is ActorRefWithCell { Underlying.IsTerminated: false };
    }
}

/// <summary>
/// Creates the extension <see cref="Wal"/>. It may be listed in <c>akka.extensions</c> as "AkkaWal.WalProvider,
/// AkkaWal".
/// </summary>
public sealed class WalProvider : ExtensionIdProvider<Wal>
{
    /// <inheritdoc/>
    public override Wal CreateExtension(ExtendedActorSystem system) => new(system);
}
