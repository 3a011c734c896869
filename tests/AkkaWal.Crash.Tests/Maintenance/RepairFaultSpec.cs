using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Maintenance;

/// <summary>Each repair, interrupted at every operation.</summary>
[Trait("Suite", "Maintenance")]
public sealed class RepairFaultSpec(ITestOutputHelper output)
{
    private const string Manifest = "MANIFEST", Copy = "/data/copy.log";

    // Positions in a file's header, and in the frames of its records.
    private const int InHeader = 20, InSegmentHeader = 40, InFrames = SegmentHeader.SizeBytes + 26;

    private static readonly SampleLog Stopped = SampleLog.Build(isStoppedCleanly: true),
        Killed = SampleLog.Build(isStoppedCleanly: false);

    private static readonly Dictionary<string, RepairTrial> Trials = new()
    {
        ["bad index"] = OfStopped(
            SampleLog.FirstIndex, disk => Flip(disk, SampleLog.FirstIndex, InSegmentHeader),
            files => LogRepair.RebuildIndex(Workload.Directory, 0, SampleLog.Options, files)),
        ["lost manifest"] = OfStopped(
            SampleLog.FirstLog, disk => Lose(disk, Manifest),
            files => LogRepair.RebuildManifest(Workload.Directory, SampleLog.Options, files)),
        ["bad manifest"] = OfStopped(
            Manifest, disk => Flip(disk, Manifest, InHeader),
            files => LogRepair.RebuildManifest(Workload.Directory, SampleLog.Options, files)),
        ["bad tail"] = OfStopped(
            Stopped.ActiveLog, disk => Flip(disk, Stopped.ActiveLog, InFrames),
            files => LogRepair.CutTail(Workload.Directory, SampleLog.Options, files)),
        ["no active segment"] = OfStopped(
            Stopped.ActiveIndex, disk => Lose(disk, Stopped.ActiveLog),
            files => LogRepair.ReplaceActive(Workload.Directory, SampleLog.Options, files)),
        ["bad active header"] = OfStopped(
            Stopped.ActiveLog, disk => Flip(disk, Stopped.ActiveLog, InSegmentHeader),
            files => LogRepair.ReplaceActive(Workload.Directory, SampleLog.Options, files)),
        ["no sealed segment"] = OfStopped(
            SampleLog.FirstIndex, disk => Lose(disk, SampleLog.FirstLog),
            files => LogRepair.SetSegmentAside(Workload.Directory, 0, SampleLog.Options, files)),
        ["bad segment"] = OfStopped(
            SampleLog.FirstLog, disk => Flip(disk, SampleLog.FirstLog, InFrames),
            files => LogRepair.SetSegmentAside(Workload.Directory, 0, SampleLog.Options, files)),
        ["bad segment without a seal"] = new(
            Killed,
            disk =>
            {
                Lose(disk, SampleLog.FirstIndex);
                Flip(disk, SampleLog.FirstLog, InFrames);
            },
            files => LogRepair.SealAsItIs(Workload.Directory, 0, SampleLog.Options, files),
            SampleLog.At(SampleLog.FirstLog)),
        ["deleted segment"] = new(
            Stopped, DeleteFirst,
            files => LogRepair.PutSegmentBack(Workload.Directory, Copy, SampleLog.Options, files), Copy),
    };

    public static TheoryData<string> Names => [.. Trials.Keys];

    public static TheoryData<string, WalIOCause, bool> Faults
    {
        get
        {
            var cases = new TheoryData<string, WalIOCause, bool>();
            foreach (var name in Trials.Keys)
                foreach (var cause in Interruptions.ByCause.Keys)
                    foreach (var stays in new[] { false, true }) cases.Add(name, cause, stays);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Power_cut_should_leave_a_log_that_the_same_repair_mends(string name)
    {
        var (cuts, done) = Trials[name].CutEverywhere(seedsPerOperation: 60);
        Assert.InRange(done, 0, cuts - 1);
        output.WriteLine($"{name}: {cuts} cuts, {done} of them with nothing left to repair");
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Call_that_fails_should_leave_a_log_that_the_same_repair_mends(
        string name, WalIOCause cause, bool stays)
    {
        var failed = Trials[name].FailEachCall(Interruptions.ByCause[cause], stays);
        output.WriteLine($"{failed} calls failed");
        Assert.True(failed > 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Full_disk_should_leave_a_log_that_the_same_repair_mends(string name) =>
        Assert.True(Trials[name].FillUpEverywhere() > 0);

    private static RepairTrial OfStopped(
        string kept, Action<SimulatedDisk> damage, Action<IWalFileSystem> repair) =>
        new(Stopped, damage, repair, SampleLog.At(kept));

    private static void DeleteFirst(SimulatedDisk disk)
    {
        disk.Overwrite(Copy, disk.ReadAll(SampleLog.At(SampleLog.FirstLog)));
        using var log = Workload.Open(disk, SampleLog.Options);
        log.DeleteSegment(SampleLog.FirstLog);
    }

    private static void Flip(SimulatedDisk disk, string name, long position) =>
        disk.Flip(SampleLog.At(name), position, 1);

    private static void Lose(SimulatedDisk disk, string name) => disk.Lose(SampleLog.At(name));
}
