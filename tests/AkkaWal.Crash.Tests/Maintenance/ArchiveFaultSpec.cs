using AkkaWal.Storage;
using AkkaWal.TestKit;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Maintenance;

/// <summary>
/// Archiving a segment, and deleting an archived one, interrupted at every operation; and an archive that is missing.
/// </summary>
[Trait("Suite", "Maintenance")]
public sealed class ArchiveFaultSpec(ITestOutputHelper output)
{
    public static TheoryData<string> Names =>
        ["archive", "archive compressed", "archive second", "delete archived", "truncate archived and others"];

    private static MaintenanceRun Of(string name) => name switch
    {
        "archive" => new(log => log.ArchiveSegment(log.Segments[2].File)),
        "archive compressed" => new(
            log => log.ArchiveSegment(log.Segments[2].File), log => log.CompressSegment(log.Segments[2].File)),
        "archive second" => new(
            log => log.ArchiveSegment(log.Segments[2].File), log => log.ArchiveSegment(log.Segments[1].File)),
        "delete archived" => new(
            log => log.DeleteSegment(log.Segments[2].File), log => log.ArchiveSegment(log.Segments[2].File)),
        _ => new(log => log.TruncateBefore(log.Segments[4].StartOffset), log =>
        {
            log.CompressSegment(log.Segments[0].File);
            log.ArchiveSegment(log.Segments[0].File);
            log.CompressSegment(log.Segments[1].File);
            log.ArchiveSegment(log.Segments[2].File);
        }),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Power_cut_should_leave_all_of_it_or_nothing(string name)
    {
        var (cuts, done) = Of(name).CutEverywhere(seedsPerOperation: 40);
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
    [InlineData("archive")]
    [InlineData("archive compressed")]
    public void Full_disk_should_leave_the_segment_as_it_was(string name) =>
        Assert.True(Of(name).FillUpEverywhere() > 0);

    [Fact]
    public void Archive_out_of_reach_should_hinder_nothing_but_what_needs_it()
    {
        var run = Of("archive second");
        var disk = run.NewDisk();
        HideArchive(disk);
        using (var log = run.Open(disk))
        {
            var archived = log.Segments[1];
            Assert.Contains(
                "reach", Assert.Throws<WalIOException>(() => log.Read(archived.StartOffset)).Message,
                StringComparison.Ordinal);
            log.Read(log.Segments[0].StartOffset);
            log.Append([1]);
            log.Commit();
            Assert.Throws<WalIOException>(() => log.ArchiveSegment(log.Segments[2].File));
            Assert.Equal(SegmentState.Sealed, log.Segments[2].State);
            log.DeleteSegment(archived.File);
            Assert.DoesNotContain(archived.StartOffset, log.Segments.Select(segment => segment.StartOffset));
        }
        // The archive is back: segments that were deleted meanwhile are removed.
        ShowArchive(disk);
        using (var log = run.Open(disk))
        {
            var place = disk.List(MaintenanceRun.Archive).Single().Name;
            Assert.Equal("OWNER", disk.List($"{MaintenanceRun.Archive}/{place}").Single().Name);
        }
        Assert.DoesNotContain(
            disk.List(MaintenanceRun.Directory), entry => entry.Name.EndsWith(".archiving", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_that_failed_should_work_again_when_the_archive_is_back()
    {
        var run = Of("archive second");
        var disk = run.NewDisk();
        using var log = run.Open(disk);
        var offset = log.Segments[1].StartOffset;
        log.Read(offset);
        disk.ReadFaults = (path, _) => path.StartsWith(MaintenanceRun.Archive, StringComparison.Ordinal);
        Assert.Throws<WalIOException>(() => log.Read(offset));
        disk.ReadFaults = null;
        log.Read(offset);
    }

    [Theory]
    [InlineData(".log.tmp")]
    [InlineData(".index.tmp")]
    public void Copy_that_reads_back_otherwise_should_not_stand_for_the_segment(string suffix)
    {
        var run = Of("archive");
        var disk = run.NewDisk();
        using (var log = run.Open(disk))
        {
            var segment = log.Segments[2];
            disk.AfterOperation = operation =>
            {
                if (operation.Kind == DiskOperationKind.Sync
                    && operation.Path.StartsWith(MaintenanceRun.Archive, StringComparison.Ordinal)
                    && operation.Path.EndsWith(suffix, StringComparison.Ordinal))
                    disk.Flip(operation.Path, 70, 1);
            };
            Assert.Equal("verify", Assert.Throws<WalIOException>(() => log.ArchiveSegment(segment.File)).Operation);
            disk.AfterOperation = null;
            Assert.Equal(segment, log.Segments[2]);
            log.Read(segment.StartOffset);
            log.ArchiveSegment(segment.File);
            log.Read(segment.StartOffset);
        }
    }

    private static void HideArchive(SimulatedDisk disk) => MoveFiles(disk, MaintenanceRun.Archive, "/elsewhere");

    private static void ShowArchive(SimulatedDisk disk) => MoveFiles(disk, "/elsewhere", MaintenanceRun.Archive);

    private static void MoveFiles(SimulatedDisk disk, string from, string to)
    {
        foreach (var log in disk.List(from))
        {
            disk.CreateDirectory($"{to}/{log.Name}");
            foreach (var file in disk.List($"{from}/{log.Name}"))
                disk.Rename($"{from}/{log.Name}/{file.Name}", $"{to}/{log.Name}/{file.Name}");
            disk.DeleteDirectory($"{from}/{log.Name}");
        }
        disk.DeleteDirectory(from);
    }
}
