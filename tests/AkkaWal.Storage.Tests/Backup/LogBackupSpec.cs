using System.Runtime.Versioning;
using AkkaWal.Storage.Backup;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Backup;

/// <summary>Backups of an idle log: their contents, and the files that they reuse.</summary>
[SupportedOSPlatform("linux")]
public sealed class LogBackupSpec : BackupDirectories
{
    [Fact]
    public void Backup_should_hold_every_record_and_open_as_a_log_of_its_own()
    {
        Append(Source, 100);
        var source = DirectorySnapshot.Of(Source);
        var report = LogBackup.Run(Source, Backup, Options);
        Assert.Equal((0, 0L), (report.SegmentsReused, report.StartOffset));
        Assert.Equal((100L, 100L), (report.NextOffset, report.DurableNextOffset));
        Assert.Equal(source, DirectorySnapshot.Of(Source));
        AssertHolds(Backup, 0, 100);
        List<string> notes = [];
        using (var log = SegmentedLog.Open(Backup, Options, note: notes.Add))
        {
            log.ArchiveSegment(log.Segments[0].File);
            Assert.Equal(Payload(0), log.Read(0));
        }
        Assert.Contains("is a copy of another log's directory", Assert.Single(notes), StringComparison.Ordinal);
        using (var log = SegmentedLog.Open(Source, Options)) log.ArchiveSegment(log.Segments[0].File);
        // Each log has its own place.
        Assert.Equal(2, Directory.EnumerateDirectories(Temporary["archive"]).Count());
    }

    [Fact]
    public void Backup_should_hold_what_is_compressed_archived_and_deleted_as_the_log_does()
    {
        using (var log = SegmentedLog.Open(Source, Options))
        {
            AppendTo(log, 100);
            var files = log.Segments.Select(segment => segment.File).ToList();
            log.CompressSegment(files[0]);
            log.ArchiveSegment(files[0]);
            log.ArchiveSegment(files[1]);
            log.CompressSegment(files[2]);
            log.DeleteSegment(files[4]);
            LogBackup.Run(Source, Backup, Options);
        }
        Directory.Delete(Temporary["archive"], true);
        Assert.Empty(LogVerifier.Verify(Backup).Faults);
        using var copy = SegmentedLog.Open(Backup);
        Assert.Equal(
            [SegmentState.Compressed, SegmentState.Active, SegmentState.Compressed],
            copy.Segments.Take(3).Select(segment => segment.State & ~SegmentState.Sealed));
        var (gap, behind) = (copy.Segments[3].EndOffset + 1, copy.Segments[4].StartOffset);
        Assert.True(gap < behind);
        foreach (var offset in Range(0, gap).Concat(Range(behind, 100)))
            Assert.Equal(Payload(offset), copy.Read(offset));
        Assert.Throws<WalNotFoundException>(() => copy.Read(gap));
    }

    [Fact]
    public void Empty_log_should_have_an_empty_backup()
    {
        SegmentedLog.Open(Source, Options).Dispose();
        foreach (var report in new[] { LogBackup.Run(Source, Backup), LogBackup.Run(Source, Backup) })
            Assert.Equal((1, 0, 0L), (report.SegmentsCopied, report.SegmentsReused, report.NextOffset));
        AssertHolds(Backup, 0, 0);
    }

    [Fact]
    public void Records_of_a_writer_that_was_killed_should_be_in_the_backup_and_what_it_tore_should_not()
    {
        var disk = new SimulatedDisk();
        using var log = SegmentedLog.Open("/data/log", new WalOptions { Flush = FlushPolicy.OsCache }, disk);
        AppendTo(log, 10);
        disk = disk.Kill();
        var bytes = disk.ReadAll("/data/log/00000000.log");
        disk.Overwrite("/data/log/00000000.log", [.. bytes, 1, 2, 3]);
        var report = LogBackup.Run("/data/log", "/data/backup", files: disk);
        Assert.Equal((10L, 0L), (report.NextOffset, report.DurableNextOffset));
        Assert.Equal(bytes, disk.ReadAll("/data/backup/00000000.log"));
    }

    [Fact]
    public void Lost_index_should_be_made_anew_in_the_backup()
    {
        Append(Source, 100);
        File.Delete(Path.Combine(Source, "00000000.index"));
        LogBackup.Run(Source, Backup);
        AssertHolds(Backup, 0, 100);
    }

    [Fact]
    public void Later_backup_should_copy_what_is_new_and_drop_what_was_deleted()
    {
        Append(Source, 100);
        var first = LogBackup.Run(Source, Backup);
        var files = Directory.EnumerateFiles(Backup, "*.log").ToDictionary(path => path, File.GetLastWriteTimeUtc);
        int sealedBefore;
        using (var log = SegmentedLog.Open(Source, Options))
        {
            sealedBefore = log.Segments.Count - 1;
            log.DeleteSegment(log.Segments[0].File);
            log.CompressSegment(log.Segments[0].File);
            AppendTo(log, 60);
        }
        var second = LogBackup.Run(Source, Backup);
        Assert.Equal(first.SegmentsCopied, sealedBefore + 1);
        Assert.Equal((sealedBefore - 2, 160L), (second.SegmentsReused, second.NextOffset));
        Assert.True(second.BytesCopied < first.BytesCopied + 60 * 100);
        // For a missing file the time is a fixed value that no existing file has.
        Assert.Equal(sealedBefore - 2, files.Count(file => File.GetLastWriteTimeUtc(file.Key) == file.Value));
        AssertHolds(Backup, second.StartOffset, 160);
        Assert.Equal(1, LogBackup.Run(Source, Backup).SegmentsCopied);
    }

    [Fact]
    public void Backup_of_which_the_log_deleted_everything_should_be_brought_up_to_date()
    {
        Append(Source, 100);
        LogBackup.Run(Source, Backup);
        long start;
        using (var log = SegmentedLog.Open(Source, Options))
        {
            AppendTo(log, 60);
            start = log.Segments[^1].StartOffset;
            log.TruncateBefore(start);
        }
        var report = LogBackup.Run(Source, Backup);
        Assert.Equal((0, start, 160L), (report.SegmentsReused, report.StartOffset, report.NextOffset));
        AssertHolds(Backup, start, 160);
    }

    [Fact]
    public void Damaged_segment_of_an_older_backup_should_be_copied_again()
    {
        Append(Source, 100);
        var first = LogBackup.Run(Source, Backup);
        var path = Path.Combine(Backup, "00000000.log");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]);
        Assert.Equal(first.SegmentsCopied - 2, LogBackup.Run(Source, Backup).SegmentsReused);
        AssertHolds(Backup, 0, 100);
    }

    [Fact]
    public void Empty_directory_should_be_a_destination()
    {
        Append(Source, 10);
        Directory.CreateDirectory(Backup);
        LogBackup.Run(Source, Backup);
        AssertHolds(Backup, 0, 10);
    }

    [Fact]
    public void Progress_should_end_with_all_of_it()
    {
        Append(Source, 100);
        List<BackupProgress> seen = [];
        var report = LogBackup.Run(Source, Backup, progress: new Listener(seen.Add));
        Assert.Equal((report.SegmentsCopied, report.SegmentsCopied), (seen[^1].SegmentsDone, seen[^1].SegmentCount));
        Assert.Equal(seen.Select(value => value.BytesDone).Order(), seen.Select(value => value.BytesDone));
        Assert.Equal(seen[^1].BytesTotal, seen[^1].BytesDone);
    }

    [Fact]
    public void Restored_backup_should_be_the_log()
    {
        Append(Source, 100);
        LogBackup.Run(Source, Backup);
        var before = DirectorySnapshot.Of(Backup);
        LogBackup.Restore(Backup, Temporary["restored"]);
        AssertHolds(Temporary["restored"], 0, 100);
        Assert.Equal(before, DirectorySnapshot.Of(Backup));
        Append(Temporary["restored"], 5);
        AssertHolds(Temporary["restored"], 0, 105);
        Assert.Throws<WalForeignException>(() => LogBackup.Restore(Backup, Temporary["restored"]));
    }
}
