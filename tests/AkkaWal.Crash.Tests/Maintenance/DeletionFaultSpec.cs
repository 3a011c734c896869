using AkkaWal.Storage;
using AkkaWal.TestKit;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Maintenance;

/// <summary>Deleting and truncating, interrupted at every operation.</summary>
[Trait("Suite", "Maintenance")]
public sealed class DeletionFaultSpec(ITestOutputHelper output)
{
    private static MaintenanceRun DeleteMiddle => new(log => log.DeleteSegment(log.Segments[2].File));

    private static MaintenanceRun Truncate => new(log => log.TruncateBefore(log.Segments[3].StartOffset + 1));

    private static MaintenanceRun TruncateAllSealed =>
        new(log => log.TruncateBefore(log.NextOffset), log => log.SealActive());

    public static TheoryData<string> Names => ["delete", "truncate", "truncate all"];

    private static MaintenanceRun Of(string name) => name switch
    {
        "delete" => DeleteMiddle,
        "truncate" => Truncate,
        _ => TruncateAllSealed,
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Power_cut_should_leave_all_of_it_or_nothing(string name)
    {
        var (cuts, done) = Of(name).CutEverywhere(seedsPerOperation: 60);
        Assert.InRange(done, 1, cuts - 1);
        output.WriteLine($"{cuts} cuts, {done} of them with the operation done");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Failing_disk_should_leave_all_of_it_or_nothing_and_say_what_is_known(string name)
    {
        foreach (var fault in new[] { DiskFault.Error, DiskFault.NoSpace, DiskFault.Error.After(0.5),
            DiskFault.Error.After(1) })
        {
            var (definite, unknown) = Of(name).FailEverywhere(fault);
            Assert.True(definite > 0 && unknown > 0);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Full_disk_should_not_keep_segments_from_being_deleted(string name)
    {
        var run = Of(name);
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

    [Fact]
    public void Index_that_only_its_mark_makes_a_sealed_segment_should_not_go_to_make_room()
    {
        var disk = new SimulatedDisk();
        var options = new WalOptions { MaxSegmentBytes = 100 };
        using (var log = SegmentedLog.Open("/log", options, disk))
        {
            // These segments are sealed after the MANIFEST was written, and a kill leaves it as it is.
            for (var i = 0; i < 4; i++)
            {
                log.Append(new byte[90]);
                log.Commit();
            }
            disk.CapacityBytes = disk.UsedBytes;
            disk.Faults = operation => operation.Name == "MANIFEST.tmp" ? DiskFault.NoSpace : null;
            Assert.True(Assert.Throws<WalIOException>(() => log.DeleteSegment("00000000.log")).IsOutOfSpace);
            disk = disk.Kill();
        }
        using (var log = SegmentedLog.Open("/log", options, disk)) Assert.Equal(4, log.Segments.Count);
    }
}
