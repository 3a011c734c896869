using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.Maintenance;

/// <summary>
/// One repair of a damaged log, cut or failed at each of its steps. Afterwards the bytes that it removes from the log
/// exist somewhere. The same repair, run again, gives the log that it gives without an interruption.
/// </summary>
/// <param name="sample">The log.</param>
/// <param name="damage">Damages the log.</param>
/// <param name="repair">Repairs it.</param>
/// <param name="kept">The path of a file whose bytes the repair must not lose.</param>
internal sealed class RepairTrial(
    SampleLog sample, Action<SimulatedDisk> damage, Action<IWalFileSystem> repair, string kept)
{
    private List<long>? _wanted;

    /// <summary>The offsets that can be read after the repair.</summary>
    private List<long> Wanted
    {
        get
        {
            if (_wanted is not null) return _wanted;
            var disk = NewDisk();
            repair(disk);
            return _wanted = ReadableIn(disk);
        }
    }

    /// <summary>Cuts the power after each operation of the repair, in some ways each.</summary>
    /// <returns>The number of cuts, and of those that left nothing to repair.</returns>
    public (int Cuts, int Done) CutEverywhere(int seedsPerOperation)
    {
        var (cuts, done) = (0, 0);
        var disk = NewDisk();
        disk.CutEverywhere(seedsPerOperation, () => repair(disk), (left, what) =>
        {
            cuts++;
            if (!Complete(left, what)) done++;
        });
        return (cuts, done);
    }

    /// <summary>Fails each call of the file system in turn, and all later ones too if the fault stays.</summary>
    /// <returns>The number of calls that failed.</returns>
    public int FailEachCall(DiskFault fault, bool stays)
    {
        for (var at = 1; ; at++)
        {
            var disk = NewDisk();
            var files = new FaultyFiles(disk);
            var (failed, outcome) = files.FailAt(at, fault, stays, () => repair(files));
            if (failed is null) return at - 1;
            var what = $"{fault.Reason} {(stays ? "from" : "at")} {failed}: told {outcome?.Message ?? "success"}";
            BrokenPromiseException.UnlessNothingIsOpen(disk, what);
            BrokenPromiseException.Unless(files.OpenDirectoryCount == 0, $"{what}: a directory is open");
            BrokenPromiseException.Unless(
                outcome is not null || ReadableIn(disk).SequenceEqual(Wanted), $"{what}: the log is not repaired");
            Complete(disk, what);
        }
    }

    /// <summary>Lets the disk run full at each page in turn.</summary>
    /// <returns>The number of times that the disk was full.</returns>
    public int FillUpEverywhere()
    {
        for (var pages = 0; ; pages++)
        {
            var disk = NewDisk();
            var usedBytes = disk.UsedBytes;
            disk.LeaveRoomFor(pages);
            var outcome = Interruptions.OutcomeOf(() => repair(disk));
            if (outcome is null) return pages;
            var what = $"with room for {pages} pages";
            BrokenPromiseException.Unless(
                outcome is WalIOException { IsOutOfSpace: true }, $"{what}: no room was told as {outcome.Message}");
            BrokenPromiseException.Unless(disk.UsedBytes <= usedBytes, $"{what}: the failed repair takes room");
            disk.CapacityBytes = null;
            Complete(disk, what);
        }
    }

    /// <summary>Runs the repair again.</summary>
    /// <returns>Whether there was something to do.</returns>
    private bool Complete(SimulatedDisk disk, string what)
    {
        BrokenPromiseException.Unless(HasKept(disk), $"{what}: the bytes of {kept} are gone");
        var hasRepaired = true;
        try
        {
            repair(disk);
        }
        catch (ArgumentException)
        {
            // The log does not need the repair any more.
            hasRepaired = false;
        }
        BrokenPromiseException.Unless(HasKept(disk), $"{what}: the second try lost the bytes of {kept}");
        var readable = ReadableIn(disk);
        BrokenPromiseException.Unless(
            readable.SequenceEqual(Wanted),
            $"{what}: offsets {string.Join(' ', readable)} can be read, not {string.Join(' ', Wanted)}");
        return hasRepaired;
    }

    private SimulatedDisk NewDisk()
    {
        var disk = sample.Disk.Kill();
        damage(disk);
        return disk;
    }

    // Each record is checked. One that is damaged is refused.
    private List<long> ReadableIn(SimulatedDisk disk)
    {
        using var log = Workload.Open(disk.Kill(), SampleLog.Options);
        List<long> readable = [];
        foreach (var segment in log.Segments)
        {
            for (var offset = segment.StartOffset; offset <= segment.EndOffset; offset++)
            {
                if (TryRead(log, offset) is not { } payload) continue;
                BrokenPromiseException.Unless(
                    payload.AsSpan().SequenceEqual(sample.Payloads[(int)offset]),
                    $"offset {offset} is not what was appended");
                readable.Add(offset);
            }
        }
        return readable;
    }

    private static byte[]? TryRead(SegmentedLog log, long offset)
    {
        try
        {
            return log.Read(offset);
        }
        catch (WalDamagedException)
        {
            return null;
        }
    }

    // Where it was, or in set-aside/.
    private bool HasKept(SimulatedDisk disk)
    {
        var bytes = NewDisk().ReadAll(kept);
        return FilesBelow(disk, Path.GetDirectoryName(Workload.Directory)!)
            .Any(path => disk.ReadAll(path).AsSpan().SequenceEqual(bytes));
    }

    private static IEnumerable<string> FilesBelow(SimulatedDisk disk, string directory) =>
        disk.List(directory).SelectMany(entry => entry.Kind switch
        {
            WalEntryKind.File => [$"{directory}/{entry.Name}"],
            WalEntryKind.Directory => FilesBelow(disk, $"{directory}/{entry.Name}"),
            _ => [],
        });
}
