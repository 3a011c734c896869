using Akka.Actor;
using AkkaWal.Protocol;

namespace AkkaWal.TestKit;

/// <summary>
/// A log on a <see cref="SimulatedDisk"/>, with events for tests: a commit that is held back, a stop, the death of its
/// process, a power cut. It needs only an actor system, so it works with any test framework.
/// </summary>
/// <remarks>
/// Used by one thread, that of the test. <see cref="Restart"/>, <see cref="Kill"/> and <see cref="CutPower"/> block
/// until the log's actor has stopped and the next one has opened the log, each for 60 s at most. Before it stops, the
/// old actor answers its open requests, as a log does when it is closed.
/// </remarks>
public sealed class WalScenario : IDisposable
{
    /// <summary>The log's directory on the simulated disk.</summary>
    public const string Directory = "/log";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ActorSystem _system;
    private readonly WalSettings _settings;

    private WalScenario(ActorSystem system, WalSettings settings)
    {
        (_system, _settings, Disk) = (system, settings, new SimulatedDisk());
        Log = StartLog();
    }

    /// <summary>
    /// The log's actor. Each restart makes another one. It takes the messages of <c>AkkaWal.Protocol</c>.
    /// </summary>
    public IActorRef Log { get; private set; }

    /// <summary>
    /// The log's disk. A kill or a power cut makes another one. Gates, faults and the tasks of
    /// <see cref="SimulatedDisk.Next"/> belong to one disk.
    /// </summary>
    public SimulatedDisk Disk { get; private set; }

    /// <summary>A client of the current actor.</summary>
    public WalClient Client => new(Log, Patience);

    /// <summary>Starts a log on an empty disk, and returns when it is open.</summary>
    /// <param name="system">The actor system.</param>
    /// <param name="adjust">Changes the default settings. It must not change the directory.</param>
    /// <exception cref="ArgumentException">The settings are incomplete, or of another directory.</exception>
    public static WalScenario Start(ActorSystem system, Func<WalSettings, WalSettings>? adjust = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        var settings = new WalSettings { Directory = Directory };
        if (adjust is not null)
            settings = adjust(settings);
        return settings.Directory == Directory
            ? new WalScenario(system, settings)
            : throw new ArgumentException(
                $"a scenario's log is in {Directory}, not in {settings.Directory}", nameof(adjust));
    }

    /// <summary>
    /// Holds back each sync of a segment from now on. Under the policy <c>always</c> appends are written and not
    /// acknowledged; under any policy a roll waits.
    /// </summary>
    public DiskGate HoldSyncs() => Disk.Hold(DiskOperationKind.Sync, ".log");

    /// <summary>Holds back each write of records from now on. Appends wait in memory, under any policy.</summary>
    public DiskGate HoldCommits() => Disk.Hold(DiskOperationKind.Write, ".log");

    /// <summary>
    /// Completes when the next commit is written: its records are there after a kill. Under the policies
    /// <c>interval</c> and <c>os-cache</c> the replies follow; under <c>always</c> the sync does.
    /// </summary>
    public Task NextCommit() => Disk.Next(DiskOperationKind.Write, ".log");

    /// <summary>
    /// Completes when the next sync of a segment is done: everything written before it is on the disk. The replies
    /// follow.
    /// </summary>
    public Task NextSync() => Disk.Next(DiskOperationKind.Sync, ".log");

    /// <summary>
    /// Completes when the next roll has put the file of the new segment in place. The reply to the request for the roll
    /// follows.
    /// </summary>
    public Task NextRoll() => Disk.Next(DiskOperationKind.Rename, ".log");

    /// <summary>Stops the log cleanly, as at the end of its program, and starts it again.</summary>
    public void Restart()
    {
        StopLog();
        Log = StartLog();
    }

    /// <summary>
    /// Ends the log's process now and starts the log in another one: everything that was written is there, synced or
    /// not.
    /// </summary>
    public void Kill() => ContinueOn(Disk.CutOff(Disk.Kill));

    /// <summary>
    /// Cuts the power now and starts the log on the remaining data. All appends acknowledged under the policy
    /// <c>always</c> are there.
    /// </summary>
    /// <param name="mode">Which unsynced changes survive; none by default.</param>
    /// <param name="seed">The seed of random choices. The same seed always leaves the same data.</param>
    public void CutPower(CutMode mode = default, int seed = 1) =>
        ContinueOn(Disk.CutOff(() => Disk.PowerCut(new Random(seed), mode)));

    /// <summary>Opens each gate and stops the log.</summary>
    public void Dispose()
    {
        Disk.State.Script.OpenGates();
        StopLog();
    }

    // Returns when the log is open, or refuses because it can't be opened. Later disk operations are the test's own.
    private IActorRef StartLog()
    {
        var log = _system.ActorOf(LogManager.Props(_system, _settings, Disk));
        return log.Ask<LogReply>(new GetLogInfo()).Wait(Patience)
            ? log
            : throw new TimeoutException($"the log did not start within {Patience}");
    }

    // The old actor answers its open requests and changes nothing: each operation on the disk that was cut off fails.
    private void ContinueOn(SimulatedDisk left)
    {
        StopLog();
        Disk = left;
        Log = StartLog();
    }

    private void StopLog()
    {
        var stopped = Log.WatchAsync();
        _system.Stop(Log);
        if (!stopped.Wait(Patience))
            throw new TimeoutException($"the log did not stop within {Patience}");
    }
}
