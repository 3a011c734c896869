using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Maintenance;

/// <summary>
/// Each repair with a power cut after each of its disk operations. Running the repair again gives the same result, and
/// the bytes that it removes from the log exist somewhere at every moment.
/// </summary>
[Trait("Suite", "Maintenance")]
public sealed class RepairFaultSpec(ITestOutputHelper output)
{
    private const int SeedsPerOperation = 60;

    private static readonly SampleLog Sample = SampleLog.Build(isStoppedCleanly: true);

    private static readonly
        Dictionary<string, (string Damaged, Action<SimulatedDisk> Damage, Action<SimulatedDisk> Repair)> Repairs = new()
    {
        ["bad index"] = (SampleLog.FirstIndex, disk => Flip(disk, SampleLog.FirstIndex, 40),
            disk => LogRepair.RebuildIndex(Workload.Directory, 0, SampleLog.Options, disk)),
        ["lost manifest"] = (SampleLog.FirstLog, disk => disk.Lose(SampleLog.At("MANIFEST")),
            disk => LogRepair.RebuildManifest(Workload.Directory, SampleLog.Options, disk)),
        ["bad manifest"] = ("MANIFEST", disk => Flip(disk, "MANIFEST", 20),
            disk => LogRepair.RebuildManifest(Workload.Directory, SampleLog.Options, disk)),
        ["bad tail"] = (Sample.ActiveLog, disk => Flip(disk, Sample.ActiveLog, 90),
            disk => LogRepair.CutTail(Workload.Directory, SampleLog.Options, disk)),
        ["no active segment"] =
            (Sample.ActiveIndex, disk => disk.Lose(SampleLog.At(Sample.ActiveLog)), disk =>
            LogRepair.ReplaceActive(Workload.Directory, SampleLog.Options, disk)),
        ["bad active header"] =
            (Sample.ActiveLog, disk => Flip(disk, Sample.ActiveLog, 40), disk =>
            LogRepair.ReplaceActive(Workload.Directory, SampleLog.Options, disk)),
        ["no sealed segment"] =
            (SampleLog.FirstIndex, disk => disk.Lose(SampleLog.At(SampleLog.FirstLog)), disk =>
            LogRepair.SetSegmentAside(Workload.Directory, 0, SampleLog.Options, disk)),
        ["bad segment"] = (SampleLog.FirstLog, disk => Flip(disk, SampleLog.FirstLog, 90),
            disk => LogRepair.SetSegmentAside(Workload.Directory, 0, SampleLog.Options, disk)),
    };

    public static TheoryData<string> Names => [.. Repairs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Power_cut_should_leave_a_log_that_the_same_repair_mends(string name)
    {
        var (damaged, _, repair) = Repairs[name];
        var original = NewDisk(name).ReadAll(SampleLog.At(damaged));
        var whole = NewDisk(name);
        repair(whole);
        var wanted = Readable(whole);
        var disk = NewDisk(name);
        var (cuts, done) = (0, 0);
        disk.CutEverywhere(SeedsPerOperation, () => repair(disk), (left, what) =>
        {
            cuts++;
            Assert.True(IsSomewhere(left, original), $"{what}: {damaged} is gone");
            if (!RepairAgain(left, repair)) done++;
            Assert.Equal(wanted, Readable(left));
        });
        Assert.True(cuts > SeedsPerOperation);
        output.WriteLine($"{name}: {cuts} cuts, {done} of them with nothing left to repair");
    }

    /// <returns>Whether there was something to do.</returns>
    private static bool RepairAgain(SimulatedDisk disk, Action<SimulatedDisk> repair)
    {
        try
        {
            repair(disk);
            return true;
        }
        // The segment is out of the log already.
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static SimulatedDisk NewDisk(string name)
    {
        var disk = Sample.Disk.Kill();
        Repairs[name].Damage(disk);
        return disk;
    }

    /// <summary>The offsets that can be read, each of them checked, in a log that opens.</summary>
    private static List<long> Readable(SimulatedDisk disk)
    {
        using var log = Workload.Open(disk.Kill(), SampleLog.Options);
        var offsets = log.Segments.SelectMany(
            segment => Enumerable.Range(0, (int)segment.RecordCount).Select(i => segment.StartOffset + i)).ToList();
        foreach (var offset in offsets) Assert.Equal(Sample.Payloads[(int)offset], log.Read(offset));
        return offsets;
    }

    // In its place, or in set-aside/.
    private static bool IsSomewhere(SimulatedDisk disk, byte[] bytes) =>
        FilesBelow(disk, Workload.Directory).Any(path => disk.ReadAll(path).AsSpan().SequenceEqual(bytes));

    private static IEnumerable<string> FilesBelow(SimulatedDisk disk, string directory) =>
        disk.List(directory).SelectMany(entry => entry.Kind switch
        {
            WalEntryKind.File => [$"{directory}/{entry.Name}"],
            WalEntryKind.Directory => FilesBelow(disk, $"{directory}/{entry.Name}"),
            _ => [],
        });

    private static void Flip(SimulatedDisk disk, string name, long position) =>
        disk.Flip(SampleLog.At(name), position, 1);
}
