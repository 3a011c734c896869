using AkkaWal.Storage;
using AkkaWal.TestKit;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Maintenance;

/// <summary>Deleting, compressing and archiving segments, interrupted at every operation of the disks.</summary>
[Trait("Suite", "Maintenance")]
public sealed class MaintenanceFaultSpec(ITestOutputHelper output)
{
    private static readonly DiskFault[] Faults =
        [DiskFault.Error, DiskFault.NoSpace, DiskFault.Error.After(0.5), DiskFault.Error.After(1)];

    private static readonly Dictionary<string, MaintenanceRun> Runs = new()
    {
        ["delete"] = new(Delete),
        ["truncate"] = new(log => log.TruncateBefore(log.Segments[3].StartOffset + 1)),
        ["truncate all"] = new(log => log.TruncateBefore(log.NextOffset), log => log.SealActive()),
        ["compress"] = new(Compress),
        ["delete compressed"] = new(Delete, Compress),
        ["archive"] = new(Archive),
        ["archive compressed"] = new(Archive, Compress),
        ["archive second"] = new(Archive, log => log.ArchiveSegment(log.Segments[1].File)),
        ["delete archived"] = new(Delete, Archive),
        ["truncate archived and others"] = new(log => log.TruncateBefore(log.Segments[4].StartOffset), log =>
        {
            log.CompressSegment(log.Segments[0].File);
            log.ArchiveSegment(log.Segments[0].File);
            log.CompressSegment(log.Segments[1].File);
            log.ArchiveSegment(log.Segments[2].File);
        }),
    };

    public static TheoryData<string> Names => [.. Runs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Power_cut_should_leave_all_of_it_or_nothing(string name)
    {
        var (cuts, done) = Runs[name].CutEverywhere(seedsPerOperation: 50);
        Assert.InRange(done, 1, cuts - 1);
        output.WriteLine($"{cuts} cuts, {done} of them with the operation done");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Failing_disk_should_leave_all_of_it_or_nothing_and_say_what_is_known(string name)
    {
        foreach (var fault in Faults)
        {
            var (definite, unknown) = Runs[name].FailEverywhere(fault);
            Assert.True(definite > 0 && unknown > 0);
        }
    }

    [Theory]
    [InlineData("compress")]
    [InlineData("archive")]
    [InlineData("archive compressed")]
    public void Full_disk_should_leave_the_segment_as_it_was(string name) =>
        Assert.True(Runs[name].FillUpEverywhere() > 0);

    [Theory]
    [InlineData("delete")]
    [InlineData("truncate")]
    [InlineData("truncate all")]
    public void Full_disk_should_not_keep_segments_from_being_deleted(string name)
    {
        var run = Runs[name];
        var disk = run.NewDisk();
        using var log = run.Open(disk);
        disk.CapacityBytes = disk.UsedBytes;
        var before = log.Segments.Count;
        run.Operation(log);
        Assert.True(log.Segments.Count < before);
        Assert.True(disk.UsedBytes < disk.CapacityBytes);
        log.Append(new byte[100]);
        log.Commit();
    }

    private static void Delete(SegmentedLog log) => log.DeleteSegment(log.Segments[2].File);

    private static void Compress(SegmentedLog log) => log.CompressSegment(log.Segments[2].File);

    private static void Archive(SegmentedLog log) => log.ArchiveSegment(log.Segments[2].File);
}
