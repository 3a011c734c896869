using System.Runtime.Versioning;
using AkkaWal.Storage.Backup;

namespace AkkaWal.Storage.Tests.Backup;

/// <summary>Logs that are not copied and destinations that are not overwritten; neither leaves files behind.</summary>
[SupportedOSPlatform("linux")]
public sealed class RefusedBackupSpec : BackupDirectories
{
    [Fact]
    public void Backup_that_was_opened_for_writing_should_be_left_alone()
    {
        Append(Source, 100);
        LogBackup.Run(Source, Backup);
        Append(Backup, 1);
        AssertRefused<WalForeignException>("it is a log of its own");
    }

    [Fact]
    public void Backup_of_another_log_should_be_left_alone()
    {
        Append(Source, 100);
        Append(Temporary["other"], 100);
        LogBackup.Run(Temporary["other"], Backup);
        AssertRefused<WalForeignException>("a backup of the log");
    }

    [Fact]
    public void Backup_with_records_that_the_log_lost_should_be_left_alone()
    {
        Append(Source, 100);
        LogBackup.Run(Source, Temporary["early"]);
        Append(Source, 3);
        LogBackup.Run(Source, Backup);
        // The log is lost and restored from the earlier backup, and gets other records after it.
        Directory.Delete(Source, true);
        LogBackup.Restore(Temporary["early"], Source);
        AssertRefused<WalForeignException>("records that the log does not have");
        using (var log = SegmentedLog.Open(Source, Options))
        {
            for (var i = 0; i < 3; i++) log.Append([.. Payload(100 + i).Select(value => (byte)(value ^ 1))]);
            log.Commit();
        }
        AssertRefused<WalForeignException>("records that the log does not have");
    }

    [Fact]
    public void Destination_that_is_something_else_should_be_left_alone()
    {
        Append(Source, 10);
        Directory.CreateDirectory(Backup);
        File.WriteAllText(Path.Combine(Backup, "letter"), "dear reader");
        AssertRefused<WalForeignException>("choose another destination");
        Directory.Delete(Backup, true);
        File.WriteAllText(Backup, "a file");
        Assert.Throws<WalForeignException>(() => LogBackup.Run(Source, Backup));
        Assert.Equal("a file", File.ReadAllText(Backup));
    }

    [Fact]
    public void Destination_that_somebody_has_open_should_be_left_alone()
    {
        Append(Source, 10);
        LogBackup.Run(Source, Backup);
        using var held = WalFileSystem.Default.Lock(Path.Combine(Backup, "LOCK"));
        AssertRefused<WalLockedException>("");
    }

    [Theory]
    [InlineData("log")]
    [InlineData("log/backup")]
    [InlineData("link/backup")]
    [InlineData("")]
    public void Destination_in_the_log_or_around_it_should_be_refused(string name)
    {
        Append(Source, 10);
        File.CreateSymbolicLink(Temporary["link"], Source);
        var before = DirectorySnapshot.Of(Source);
        Assert.Throws<ArgumentException>(() => LogBackup.Run(Source, Path.Combine(Temporary.Path, name)));
        Assert.Equal(before, DirectorySnapshot.Of(Source));
    }

    [Fact]
    public void Source_that_is_no_log_should_be_refused()
    {
        Assert.Throws<WalAbsentException>(() => LogBackup.Run(Source, Backup));
        Directory.CreateDirectory(Source);
        Assert.Throws<WalAbsentException>(() => LogBackup.Run(Source, Backup));
        Assert.Throws<ArgumentException>(() => LogBackup.Run("log", Backup));
        Assert.False(Directory.Exists(Backup));
    }

    [Theory]
    [InlineData("00000000.log", 100)]
    [InlineData("MANIFEST", 20)]
    public void Damaged_source_should_be_refused_with_the_file_that_is_bad(string name, int position)
    {
        Append(Source, 100);
        Damage(Path.Combine(Source, name), position);
        var e = Assert.Throws<WalDamagedException>(() => LogBackup.Run(Source, Backup));
        Assert.Equal(Path.Combine(Source, name), e.Path);
        AssertNothingLeft();
    }

    [Fact]
    public void Archived_segments_should_be_refused_where_no_archive_is_given()
    {
        Append(Source, 100);
        using (var log = SegmentedLog.Open(Source, Options)) log.ArchiveSegment(log.Segments[0].File);
        var e = Assert.Throws<WalIOException>(() => LogBackup.Run(Source, Backup));
        Assert.Contains("offsets 0 to ", e.Message, StringComparison.Ordinal);
        AssertNothingLeft();
    }

    [Fact]
    public void Cancelled_backup_should_leave_the_destination_as_it_was()
    {
        Append(Source, 100);
        using var cancellation = new CancellationTokenSource();
        List<BackupProgress> seen = [];
        var progress = new Listener(value =>
        {
            seen.Add(value);
            if (value.SegmentsDone == 3) cancellation.Cancel();
        });
        Assert.Throws<OperationCanceledException>(
            () => LogBackup.Run(Source, Backup, null, null, progress, cancellation.Token));
        Assert.Equal(3, seen.Max(value => value.SegmentsDone));
        AssertNothingLeft();
    }

    [Theory]
    [InlineData("00000000.log")]
    [InlineData("MANIFEST")]
    [InlineData("")]
    public void Damaged_or_incomplete_backup_should_not_be_restored(string lost)
    {
        Append(Source, 100);
        LogBackup.Run(Source, Backup);
        if (lost.Length > 0) File.Delete(Path.Combine(Backup, lost));
        else Damage(Path.Combine(Backup, "00000000.log"), 100);
        var e = Assert.ThrowsAny<WalFaultException>(() => LogBackup.Restore(Backup, Temporary["restored"]));
        Assert.Equal(Path.Combine(Backup, lost.Length > 0 ? lost : "00000000.log"), e.Path);
        Assert.False(Directory.Exists(Temporary["restored"]));
    }
}
