using Akka.Actor;
using AkkaWal.Protocol;

namespace AkkaWal.TestKit;

/// <summary>
/// A log on a <see cref="SimulatedDisk"/>, and what can happen to it: a commit that is held back, a stop, the death of
/// its process, a power cut. It needs nothing but an actor system, so it works beside any test framework.
/// </summary>
/// <remarks>
/// One thread uses it, the test's. <see cref="Restart"/>, <see cref="Kill"/> and <see cref="CutPower"/> block until
/// the log's actor has stopped and the next one is open, each for 60 s at most. What the old one had not answered it
/// answers before it stops, as a log does that is closed.
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
    /// The log's actor; another one after each restart. It takes the messages of <c>AkkaWal.Protocol</c>.
    /// </summary>
    public IActorRef Log { get; private set; }

    /// <summary>
    /// The disk that the log is on; another one after a kill or a power cut. Gates, faults and the tasks of
    /// <see cref="SimulatedDisk.Next"/> belong to one disk.
    /// </summary>
    public SimulatedDisk Disk { get; private set; }

    /// <summary>The log for code that awaits; of the actor that there is now.</summary>
    public WalClient Client => new(Log, Patience);

    /// <summary>Starts a log on an empty disk, and returns when it is open.</summary>
    /// <param name="system">Where it lives.</param>
    /// <param name="adjust">What is not as the defaults say; the directory has to stay.</param>
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
    /// Holds back each sync of a segment from now on: under the policy <c>always</c> appends are written and not
    /// acknowledged, and under any policy a roll waits.
    /// </summary>
    public DiskGate HoldSyncs() => Disk.Hold(DiskOperationKind.Sync, ".log");

    /// <summary>
    /// Holds back each write of records from now on: appends wait in memory, whatever the policy.
    /// </summary>
    public DiskGate HoldCommits() => Disk.Hold(DiskOperationKind.Write, ".log");

    /// <summary>
    /// Ends when the next sync of a segment is done: what was written before it is on the disk. The replies follow.
    /// </summary>
    public Task NextSync() => Disk.Next(DiskOperationKind.Sync, ".log");

    /// <summary>
    /// Ends when the next roll has put the file of the new segment in place. The answer to whoever asked for the roll
    /// follows.
    /// </summary>
    public Task NextRoll() => Disk.Next(DiskOperationKind.Rename, ".log");

    /// <summary>Stops the log in good order, as at the end of its program, and starts it again.</summary>
    public void Restart()
    {
        StopLog();
        Log = StartLog();
    }

    /// <summary>
    /// Ends the log's process now and starts the log in another one: whatever was written is there, synced or not.
    /// </summary>
    public void Kill() => ContinueOn(Disk.CutOff(Disk.Kill));

    /// <summary>
    /// Cuts the power now and starts the log on what is left. Whatever the log acknowledged under the policy
    /// <c>always</c> is there.
    /// </summary>
    /// <param name="mode">What is left of what was not synced; nothing where it is left out.</param>
    /// <param name="seed">Of the chance in the mode; one seed always leaves the same.</param>
    public void CutPower(CutMode mode = default, int seed = 1) =>
        ContinueOn(Disk.CutOff(() => Disk.PowerCut(new Random(seed), mode)));

    /// <summary>Opens each gate and stops the log.</summary>
    public void Dispose()
    {
        Disk.Script.OpenGates();
        StopLog();
    }

    // Returns when it is open, or cannot be opened and says so: what comes after on the disk is what the test asks for.
    private IActorRef StartLog()
    {
        var log = _system.ActorOf(LogManager.Props(_system, _settings, Disk));
        return log.Ask<LogReply>(new GetLogInfo()).Wait(Patience)
            ? log
            : throw new TimeoutException($"the log did not start within {Patience}");
    }

    // The old actor answers what it still owes, and changes nothing: each operation on the disk that was cut off fails.
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
