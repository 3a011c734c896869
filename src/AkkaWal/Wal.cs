using Akka;
using Akka.Actor;
using Akka.Event;
using AkkaWal.Configuration;
using AkkaWal.Manager.State;
using AkkaWal.Storage.Files;

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

    private const string NamePrefix = "akka-wal.";

    private const string ClosingPhase = CoordinatedShutdown.PhaseBeforeActorSystemTerminate;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (IActorRef Manager, string Directory)> _open = new(StringComparer.Ordinal);
    private readonly ExtendedActorSystem _system;
    private readonly WalSetup _setup;
    private readonly IReadOnlyList<string> _configured;

    internal Wal(ExtendedActorSystem system)
    {
        (_system, _setup) = (system, system.Settings.Setup.Get<WalSetup>().GetOrElse(WalSetup.Empty));
        // An injected configuration makes the system set up its serialization anew, so only where something is missing.
        if (!ConfigKeys.HoldsAll(system.Settings.Config, WalSettings.ReferenceConfig))
            system.Settings.InjectTopLevelFallback(WalSettings.ReferenceConfig);
        _configured = ConfiguredNames();
        foreach (var name in _configured) SettingsOf(name);
        States = new LogStates(system);
    }

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
    public static string PathOf(string name) => $"/system/{ActorName(name)}";

    /// <summary>The manager of a log that is configured, or was opened; the first call opens it.</summary>
    /// <param name="name">A name below <c>akka-wal.logs</c> or in the <see cref="WalSetup"/>,
    /// <see cref="DefaultName"/>, or one that was given to <see cref="Open"/>.</param>
    /// <returns>The same reference each time. A log whose directory cannot be opened refuses each request, with the
    /// reason.</returns>
    /// <exception cref="WalConfigException">
    /// No log has this name; the message has the nearest one. Or it has no directory, or another open log's.
    /// </exception>
    public IActorRef Log(string name = DefaultName)
    {
        ArgumentNullException.ThrowIfNull(name);
        lock (_gate)
        {
            if (_open.TryGetValue(name, out var log)) return log.Manager;
            if (!_configured.Contains(name, StringComparer.Ordinal))
                throw ConfigKeys.Unknown(name, LogSections.Parent, [.. _configured.Union(_open.Keys)]);
            return Start(name, SettingsOf(name), files: null);
        }
    }

    /// <summary>Opens a log with settings of its own; from then on <see cref="Log"/> finds it.</summary>
    /// <param name="name">The name of an actor, of at most 128 letters. It may have a section below
    /// <c>akka-wal.logs</c>, which counts for nothing here: see <see cref="SettingsOf"/>.</param>
    /// <param name="settings">From <see cref="SettingsOf"/>, or set by hand.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <returns>The log's manager.</returns>
    /// <exception cref="InvalidOperationException">The log is open already.</exception>
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
            if (_open.ContainsKey(name)) throw new InvalidOperationException($"the log {name} is open already");
            return Start(name, settings, files);
        }
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

    /// <summary>The name of a log, from its manager's path.</summary>
    internal static string NameOf(ActorPath manager) =>
        manager.Name[(manager.Name.StartsWith(NamePrefix, StringComparison.Ordinal) ? NamePrefix.Length : 0)..];

    private static string ActorName(string name) => NamePrefix + name;

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
        foreach (var (other, log) in _open)
            if (log.Directory == directory)
                throw new WalConfigException($"{key}.directory", $"is the log {other}'s: {directory}");

        var manager = _system.SystemActorOf(LogManager.Props(_system, settings, files), ActorName(name));
        // Not before: a start that throws is tried again and again.
        if (_open.Count == 0) CoordinatedShutdown.Get(_system).AddTask(ClosingPhase, "akka-wal-close", CloseAll);
        _open[name] = (manager, directory);
        return manager;
    }

    // Before the system terminates: its loggers and, with Akka.Remote, the way to askers on other nodes are there.
    private async Task<Done> CloseAll()
    {
        List<IActorRef> managers;
        lock (_gate) managers = [.. _open.Values.Select(log => log.Manager)];
        var patience = CoordinatedShutdown.Get(_system).Timeout(ClosingPhase);
        await Task.WhenAll(managers.Select(manager => manager.GracefulStop(patience))).ConfigureAwait(false);
        return Done.Instance;
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
