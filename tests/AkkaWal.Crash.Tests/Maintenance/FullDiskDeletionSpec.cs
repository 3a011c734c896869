using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.Maintenance;

/// <summary>A deletion that makes room on a full disk, and what it may not delete for that.</summary>
[Trait("Suite", "Maintenance")]
public sealed class FullDiskDeletionSpec
{
    private const int PayloadBytes = 90;

    /// <summary>Segments of one record.</summary>
    private static readonly WalOptions OneRecordASegment = new() { MaxSegmentBytes = Frame.HeaderBytes + PayloadBytes };

    [Fact]
    public void Index_that_only_its_mark_makes_a_sealed_segment_should_not_go_to_make_room()
    {
        var disk = new SimulatedDisk();
        using (var log = SegmentedLog.Open("/log", OneRecordASegment, disk))
        {
            // These segments are sealed after the MANIFEST was written, and a kill leaves it as it is.
            for (var i = 0; i < 4; i++)
            {
                log.Append(new byte[PayloadBytes]);
                log.Commit();
            }
            disk.CapacityBytes = disk.UsedBytes;
            disk.Faults = operation => operation.Name == "MANIFEST.tmp" ? DiskFault.NoSpace : null;
            Assert.True(Assert.Throws<WalIOException>(() => log.DeleteSegment("00000000.log")).IsOutOfSpace);
            disk = disk.Kill();
        }
        using (var log = SegmentedLog.Open("/log", OneRecordASegment, disk)) Assert.Equal(4, log.Segments.Count);
    }
}
