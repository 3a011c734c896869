using AkkaWal.Storage;
using AkkaWal.Storage.Files.Wrappers;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.Maintenance;

/// <summary>An archive that is missing for a while, whose reads fail, or that keeps something else.</summary>
[Trait("Suite", "Maintenance")]
public sealed class ArchiveOutOfReachSpec
{
    private static readonly MaintenanceRun NothingArchived = new(_ => { });

    private static readonly MaintenanceRun AfterOneArchived =
        new(_ => { }, log => log.ArchiveSegment(log.Segments[1].File));

    [Fact]
    public void Archive_out_of_reach_should_hinder_nothing_but_what_needs_it()
    {
        var run = AfterOneArchived;
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
    public void File_should_be_stored_again_after_a_power_cut_at_any_operation()
    {
        var place = Guid.NewGuid();
        byte[] bytes = [1, 2, 3];
        var disk = new SimulatedDisk();
        new DirectoryArchive(disk, MaintenanceRun.Archive).Claim(place, Guid.NewGuid(), "");
        disk.CutEverywhere(seedsPerOperation: 20, () => Store(disk), (left, _) =>
        {
            Store(left);
            using var stored = new DirectoryArchive(left, MaintenanceRun.Archive).Open(place, "00000000.log");
            Assert.Equal(bytes.Length, stored.LengthBytes);
        });

        void Store(SimulatedDisk on) => new DirectoryArchive(on, MaintenanceRun.Archive).Store(
            place, "00000000.log", new BytesFile("/data/log/00000000.log", bytes));
    }

    [Fact]
    public void Read_that_failed_should_work_again_when_the_archive_is_back()
    {
        var run = AfterOneArchived;
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
        var run = NothingArchived;
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
