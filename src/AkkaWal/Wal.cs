using Akka;
using Akka.Actor;
using Akka.Event;
using AkkaWal.Configuration;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Storage.Files;
using AkkaWal.Subscriptions;

namespace AkkaWal;

/// <summary>
/// The logs of an actor system by name. It brings along what they need of a configuration (dispatchers, serializers),
/// and closes them before the system terminates. For any number of threads.
/// </summary>
/// <remarks>
/// A log that is opened here is an actor below /system, and outlives the failures of those below /user. A log with a
/// parent of its own is made with <see cref="LogManager.Props"/>, and closed by that parent.
/// </remarks>
public sealed class Wal : IExtension
{
    /// <summary>The log that <c>akka-wal</c> itself configures where its directory is set.</summary>
    public const string DefaultName = "wal";

    private const string ClosingPhase = CoordinatedShutdown.PhaseBeforeActorSystemTerminate;

    private readonly Lock _gate = new();
    // Those that were opened once: they are opened again with the same settings.
    private readonly Dictionary<string, OpenedLog> _opened = new(StringComparer.Ordinal);
    private readonly ExtendedActorSystem _system;
    private readonly WalSetup _setup;
    private readonly IReadOnlyList<string> _configured;
    private readonly Lazy<IActorRef> _subscriptions;
    private bool _isEnding;

    internal Wal(ExtendedActorSystem system)
    {
        (_system, _setup) = (system, system.Settings.Setup.Get<WalSetup>().GetOrElse(WalSetup.Empty));
        // An injected configuration makes the system set up its serialization anew, so only where something is missing.
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
    /// The actor to which others on this node tell a <see cref="Subscribe"/>, for a log here or on another node.
    /// </summary>
    public IActorRef Subscriptions => _subscriptions.Value;

    /// <summary>What outlives restarts, of the logs that were opened here and of all others.</summary>
    internal LogStates States { get; }

    /// <summary>The extension of an actor system, which the first call makes.</summary>
    /// <exception cref="WalConfigException">
    /// The section <c>akka-wal</c>, or a log's below <c>akka-wal.logs</c>, has a key that is not known or a value that
    /// is not legal; the message begins with the key.
    /// </exception>
    public static Wal Get(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return system.WithExtension<Wal, WalProvider>();
    }

    /// <summary>
    /// Where the manager of a log is in its actor system, for actor selections from other nodes: a path without an
    /// address. A node that only sends needs the extension too, for the serializer.
    /// </summary>
    public static string PathOf(string name) => $"/system/{LogPaths.ActorNameOf(name)}";

    /// <summary>
    /// The manager of a log that is configured, or was opened. The first call opens it, and so does the first one after
    /// it has stopped, with the same settings.
    /// </summary>
    /// <param name="name">A name below <c>akka-wal.logs</c> or in the <see cref="WalSetup"/>,
    /// <see cref="DefaultName"/>, or one that was given to <see cref="Open"/>.</param>
    /// <returns>The same reference as long as the log runs. A log whose directory cannot be opened refuses each
    /// request, with the reason; so does one that is stopping.</returns>
    /// <exception cref="WalConfigException">
    /// No log has this name; the message has the nearest one. Or it has no directory, or another open log's.
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

    /// <summary>Opens a log with settings of its own; from then on <see cref="Log"/> finds it.</summary>
    /// <param name="name">The name of an actor, of at most 128 letters. It may have a section below
    /// <c>akka-wal.logs</c>, which counts for nothing here: see <see cref="SettingsOf"/>.</param>
    /// <param name="settings">From <see cref="SettingsOf"/>, or set by hand.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <returns>The log's manager.</returns>
    /// <exception cref="InvalidOperationException">
    /// The log is open already, or not closed yet, or the actor system is ending.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// The settings are not complete. A <see cref="WalConfigException"/> where nothing can have that name, or the
    /// directory is another open log's.
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
    /// Closes a log, as the end of the system does: who waits for a reply is answered before. The task ends when the
    /// directory is free. <see cref="Log"/> or <see cref="Open"/> opens the log again; until then the clients of
    /// <see cref="Client"/> are refused, each request after its time-out. A log that is not open is left alone.
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
        // Its parent hears of it at the same time, and only then is the name free.
        while (IsRunning(name)) await Task.Delay(1, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// A client that looks the log up for each request. It goes on when the log has stopped and is there again, under
    /// the same name or path. A log of this system that is not open is opened by the first request, unless
    /// <see cref="CloseAsync"/> has closed it: then requests wait for it as long as for a reply.
    /// </summary>
    /// <param name="log">The log's name, or the path of its manager, here or on another node:
    /// <c>"akka.tcp://shop@disk:4053" + Wal.PathOf("orders")</c>.</param>
    /// <param name="timeout">As in <see cref="WalClient"/>'s constructor.</param>
    /// <exception cref="WalConfigException">No log has this name; the message has the nearest one.</exception>
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
        return new WalClient(new DirectRoute(() => Find(log), LogPaths.Parse(PathOf(log), _system)!), timeout);
    }

    /// <summary>
    /// What the configuration says of a log: its section below <c>akka-wal.logs</c>, which may be absent, over
    /// <c>akka-wal</c>; with the changes of the system's <see cref="WalSetup"/>.
    /// </summary>
    /// <exception cref="WalConfigException">Nothing can have that name, or two values do not go together.</exception>
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
        // Not before: a start that throws is tried again and again.
        if (_opened.Count == 0) CoordinatedShutdown.Get(_system).AddTask(ClosingPhase, "akka-wal-close", CloseAll);
        _opened[name] = new OpenedLog(manager, directory, settings, files);
        return manager;
    }

    private void ThrowIfUnknown(string name)
    {
        if (!_configured.Contains(name, StringComparer.Ordinal))
            throw ConfigKeys.Unknown(name, LogSections.Parent, [.. _configured.Union(_opened.Keys)]);
    }

    // Also while it stops: only then is its name free.
    private bool IsRunning(string name) =>
        !_system.SystemGuardian.GetChild([LogPaths.ActorNameOf(name)]).IsNobody();

    // For clients; null where the log was closed, and may be opened again.
    private IActorRef? Find(string name)
    {
        lock (_gate)
        {
            if (_isEnding && !IsRunning(name)) throw new InvalidOperationException("the actor system is ending");
            return _opened.TryGetValue(name, out var log) && log.IsClosed ? null : Log(name);
        }
    }

    // Before the system terminates: its loggers and, with Akka.Remote, the way to askers on other nodes are there.
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
        internal bool IsClosed { get; set; }
    }
}

/// <summary>
/// Makes the extension <see cref="Wal"/>; <c>akka.extensions</c> may name it, as "AkkaWal.WalProvider, AkkaWal".
/// </summary>
public sealed class WalProvider : ExtensionIdProvider<Wal>
{
    /// <inheritdoc/>
    public override Wal CreateExtension(ExtendedActorSystem system) => new(system);
}
