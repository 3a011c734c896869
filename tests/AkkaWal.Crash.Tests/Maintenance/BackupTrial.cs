using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Backup;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.Maintenance;

/// <summary>
/// One backup on its own disk, cut or failed at each of its steps. Afterwards the destination is the older backup (or
/// empty, if there was none), the new one, or missing. The next backup makes it the new one.
/// </summary>
/// <param name="isLater">Whether the destination has an older backup, which the backup updates.</param>
internal sealed class BackupTrial(bool isLater)
{
    public const string Source = "/data/log", Destination = "/backups/log";

    private const string Updating = Destination + ".updating", Restored = "/data/restored";
    private const string Nothing = "nothing", NotThere = "not there";

    /// <summary>A segment size for five or six records.</summary>
    private const long FewRecords = 2000;

    private static WalOptions OptionsOn(IWalFileSystem files) => new()
    {
        MaxSegmentBytes = FewRecords, Archive = new DirectoryArchive(files, "/data/archive"),
        Clock = FrozenClock.Instance,
    };

    private SimulatedDisk? _disk;
    private string? _before, _after;

    /// <summary>The states of the destination that were found, with their numbers.</summary>
    public Dictionary<string, int> Found { get; } = [];

    private string Before => _before ??= StateOf(NewDisk());

    private string After
    {
        get
        {
            if (_after is not null) return _after;
            var disk = NewDisk();
            Run(disk);
            return _after = StateOf(disk);
        }
    }

    /// <summary>
    /// A disk with a log that has segments of every form. If there is an older backup, segments were appended,
    /// compressed and deleted since, and its last segment was sealed.
    /// </summary>
    public SimulatedDisk NewDisk() => (_disk ??= Build()).Kill();

    private SimulatedDisk Build()
    {
        var disk = new SimulatedDisk();
        disk.CreateDirectory("/backups");
        using var log = SegmentedLog.Open(Source, OptionsOn(disk), disk);
        Append(log, 22);
        log.CompressSegment(log.Segments[0].File);
        log.ArchiveSegment(log.Segments[1].File);
        if (!isLater) return disk;
        Run(disk);
        Append(log, 12);
        log.DeleteSegment(log.Segments[0].File);
        log.CompressSegment(log.Segments[1].File);
        return disk;
    }

    /// <summary>Takes the backup.</summary>
    public static BackupReport Run(IWalFileSystem files) => LogBackup.Run(Source, Destination, OptionsOn(files), files);

    /// <summary>Cuts the power after each operation of a backup, in some ways each.</summary>
    /// <param name="seedsPerOperation">The number of cuts for each operation.</param>
    /// <param name="through">Wraps the file system in one that breaks a promise; null for none.</param>
    /// <param name="where">Which operations to cut after; null for all.</param>
    public void CutEverywhere(
        int seedsPerOperation, Func<IWalFileSystem, IWalFileSystem>? through = null,
        Predicate<DiskOperation>? where = null)
    {
        var disk = NewDisk();
        disk.CutEverywhere(seedsPerOperation, () => Run(through?.Invoke(disk) ?? disk), Check, where);
    }

    /// <summary>Fails each call of the file system in turn, and all later ones too if the fault stays.</summary>
    /// <returns>The number of calls that failed, and of those that were reported as unknown outcomes.</returns>
    public (int Failed, int Unknown) FailEachCall(DiskFault fault, bool stays)
    {
        var (before, after) = (Before, After);
        var unknown = 0;
        for (var at = 1; ; at++)
        {
            var disk = NewDisk();
            var files = new FaultyFiles(disk);
            var (failed, outcome) = files.FailAt(at, fault, stays, () => Run(files));
            if (failed is null) return (at - 1, unknown);
            var what = $"{fault.Reason} {(stays ? "from" : "at")} {failed}";
            var found = StateOf(disk);
            BrokenPromiseException.Unless(
                (disk.OpenHandleCount, disk.HeldLockCount, files.OpenDirectoryCount) == (0, 0, 0),
                $"{what}: something is open");
            BrokenPromiseException.Unless(outcome switch
            {
                null => found == after,
                WalOutcomeUnknownException => found == after || found == NotThere,
                _ => found == before && (stays || !HasLeftovers(disk)),
            }, $"{what}: told {outcome?.Message ?? "success"}, and found {found}");
            if (outcome is WalOutcomeUnknownException) unknown++;
            Check(disk, what);
        }
    }

    /// <summary>Lets the disk run full at each page in turn.</summary>
    /// <returns>The number of times that the disk was full.</returns>
    public int FillUpEverywhere()
    {
        var before = Before;
        for (var pages = 0; ; pages++)
        {
            var disk = NewDisk();
            disk.LeaveRoomFor(pages);
            var outcome = Interruptions.OutcomeOf(() => Run(disk));
            if (outcome is null) return pages;
            BrokenPromiseException.Unless(
                outcome is WalIOException { IsOutOfSpace: true }, $"no room was told as {outcome.Message}");
            BrokenPromiseException.Unless(
                StateOf(disk) == before && !HasLeftovers(disk), $"{pages} pages of room: something is left");
        }
    }

    // The destination must be in a known state. If it is a backup it can be restored, and the next backup completes it.
    private void Check(SimulatedDisk disk, string what)
    {
        var found = StateOf(disk);
        BrokenPromiseException.Unless(
            found == Before || found == After || found == NotThere,
            $"{what}: the destination is neither as before nor as after: {found}");
        var kind = found == Before ? "before" : found == After ? "after" : NotThere;
        Found[kind] = Found.GetValueOrDefault(kind) + 1;
        try
        {
            // A restore also completes an interrupted update.
            if (found == NotThere) RequireRestored(disk.Kill(), After, what);
            Run(disk);
        }
        catch (WalException e)
        {
            throw new BrokenPromiseException($"{what}: {e.Message}");
        }
        BrokenPromiseException.Unless(
            StateOf(disk) == After && !HasLeftovers(disk), $"{what}: the next backup is not whole");
    }

    private static void RequireRestored(SimulatedDisk disk, string expected, string what)
    {
        LogBackup.Restore(Destination, Restored, null, disk);
        BrokenPromiseException.Unless(RecordsOf(disk, Restored) == expected, $"{what}: restored something else");
    }

    private static string StateOf(SimulatedDisk disk)
    {
        if (disk.Stat(Destination) is null) return disk.Stat(Updating) is null ? Nothing : NotThere;
        var verified = LogVerifier.Verify(Destination, null, disk);
        return verified.Faults.Count > 0 ? $"damaged: {verified.Faults[0]}" : RecordsOf(disk, Destination);
    }

    private static string RecordsOf(SimulatedDisk disk, string directory)
    {
        using var reader = LogReader.Open(directory, null, disk);
        using var cursor = reader.Scan(reader.StartOffset, GapPolicy.Skip);
        List<string> records = [];
        while (cursor.MoveNext()) records.Add($"{cursor.Offset} {cursor.Payload.Length} {cursor.Payload[0]}");
        return string.Join(", ", records);
    }

    private static bool HasLeftovers(SimulatedDisk disk) =>
        disk.List("/backups").Any(entry => entry.Name != "log")
        || (disk.Stat(Destination) is not null
            && disk.List(Destination).Any(entry => entry.Name.EndsWith(".tmp", StringComparison.Ordinal)));

    private static void Append(SegmentedLog log, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var payload = new byte[300 + log.NextOffset];
            Array.Fill(payload, (byte)(log.NextOffset + 1));
            log.Append(payload);
        }
        log.Commit();
    }
}
