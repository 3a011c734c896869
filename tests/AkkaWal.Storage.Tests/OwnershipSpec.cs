using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests;

/// <summary>Only the process that holds a directory writes there, and only as long as it holds it.</summary>
[SupportedOSPlatform("linux")]
public sealed class OwnershipSpec : IDisposable
{
    /// <summary>Segments of five or six records.</summary>
    private static readonly WalOptions FewRecordsASegment = new() { MaxSegmentBytes = 100 };

    private readonly TemporaryDirectory _temporary = new();
    private readonly string _path;

    public OwnershipSpec() => _path = _temporary["log"];

    private string Lock => Path.Combine(_path, "LOCK");

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Second_opening_should_be_refused_in_the_same_process_too_whatever_path_leads_there()
    {
        using var first = Open();
        Append(first, 1);
        Directory.CreateSymbolicLink(_temporary["link"], _path);
        Assert.Throws<WalLockedException>(() => Open());
        Assert.Throws<WalLockedException>(() => SegmentedLog.Open(_temporary["link"]));
        Assert.Throws<WalLockedException>(() => LogRepair.CutTail(_path));
        File.Delete(Lock);
        Assert.Throws<WalLockedException>(() => Open());
        Assert.Throws<WalLockedException>(() => LogRepair.CutTail(_path));
        Assert.False(File.Exists(Lock));
    }

    [Theory]
    [InlineData(FlushPolicy.Always)]
    [InlineData(FlushPolicy.OsCache)]
    public void Lost_lock_file_should_end_the_appends_before_the_next_one_is_acknowledged(FlushPolicy flush)
    {
        var log = Open(flush);
        Append(log, 3);
        File.Delete(Lock);

        log.Append("not any more"u8);
        var refused = Assert.Throws<WalReadOnlyException>(log.Commit);
        Assert.Contains(Lock, refused.Message, StringComparison.Ordinal);
        Assert.True(Assert.IsType<WalIOException>(refused.InnerException).IsNotOwned);
        // The loss is final, since another process may have been the owner meanwhile.
        File.WriteAllText(Lock, "");
        Assert.Throws<WalReadOnlyException>(() => log.Append("x"u8));
        Assert.Equal(3, log.CommittedNextOffset);
        Assert.Equal("record 2", Encoding.UTF8.GetString(log.Read(2)));
        var before = DirectorySnapshot.Of(_path);
        log.Close();
        Assert.Equal(before, DirectorySnapshot.Of(_path));

        using var next = Open(flush);
        Assert.Equal(3, next.NextOffset);
    }

    [LinuxFilesFact("a directory that was moved is not read any more")]
    public void Directory_that_was_replaced_should_not_be_touched_by_the_owner_of_the_one_before()
    {
        var old = Open();
        Append(old, 30);
        Assert.True(old.Segments.Count > 3);
        Directory.Move(_path, _temporary["moved"]);
        using (var other = Open()) Append(other, 2);
        var (before, ofMoved) = (DirectorySnapshot.Of(_path), DirectorySnapshot.Of(_temporary["moved"]));

        Assert.Throws<WalIOException>(() => old.DeleteSegment("00000000.log"));
        Assert.Throws<WalIOException>(() => old.CompressSegment("00000000.log"));
        old.Append("x"u8);
        Assert.Contains(_path, Assert.Throws<WalReadOnlyException>(old.Commit).Message, StringComparison.Ordinal);
        Assert.Throws<WalReadOnlyException>(old.SealActive);
        Assert.Equal("record 7", Encoding.UTF8.GetString(old.Read(7)));
        old.Close();

        Assert.Equal(before, DirectorySnapshot.Of(_path));
        Assert.Equal(ofMoved, DirectorySnapshot.Of(_temporary["moved"]));
        using var next = Open();
        Assert.Equal(2, next.NextOffset);
        using var moved = SegmentedLog.Open(_temporary["moved"]);
        Assert.Equal(30, moved.NextOffset);
    }

    [Fact]
    public void Roll_should_be_refused_once_the_directory_was_moved()
    {
        using var log = Open();
        Append(log, 1);
        Directory.Move(_path, _temporary["moved"]);
        Assert.Throws<WalReadOnlyException>(log.SealActive);
        Assert.Equal(["00000000.index", "00000000.log", "LOCK", "MANIFEST"], Names(_temporary["moved"]));
    }

    [Fact]
    public void Owner_should_notice_that_all_its_files_were_moved_into_a_directory_that_took_its_place()
    {
        using var log = Open();
        Append(log, 3);
        // An operator moves the files to another directory, with the lock file.
        Directory.CreateDirectory(_temporary["new"]);
        foreach (var path in Directory.GetFiles(_path))
            File.Move(path, Path.Combine(_temporary["new"], Path.GetFileName(path)));
        Directory.Move(_path, _temporary["empty"]);
        Directory.Move(_temporary["new"], _path);

        log.Append("not any more"u8);
        Assert.Contains(_path, Assert.Throws<WalReadOnlyException>(log.Commit).Message, StringComparison.Ordinal);
        Assert.Throws<WalReadOnlyException>(log.SealActive);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temporary["empty"]));
        log.Close();
        using var next = Open();
        Assert.Equal(3, next.NextOffset);
    }

    [Theory]
    [InlineData(FlushPolicy.Always, "moved")]
    [InlineData(FlushPolicy.OsCache, "moved")]
    [InlineData(FlushPolicy.Always, "replaced")]
    [InlineData(FlushPolicy.Always, "removed")]
    public void Active_file_that_lost_its_name_should_end_the_appends_before_the_next_one_is_acknowledged(
        FlushPolicy flush, string what)
    {
        var log = Open(flush);
        Append(log, 3);
        var (active, elsewhere) = (Path.Combine(_path, "00000000.log"), _temporary["00000000.log.1"]);
        File.Copy(active, _temporary["copied"]);
        if (what != "removed") File.Move(active, elsewhere);
        else File.Delete(active);
        if (what == "replaced") File.Copy(_temporary["copied"], active);

        log.Append("not any more"u8);
        var refused = Assert.Throws<WalReadOnlyException>(log.Commit);
        Assert.Contains($"{active}: it is not the file any more", refused.Message, StringComparison.Ordinal);
        Assert.Throws<WalReadOnlyException>(log.SealActive);
        Assert.Equal("record 2", Encoding.UTF8.GetString(log.Read(2)));
        log.Close();

        if (what == "moved")
        {
            Assert.Contains("active segment", Assert.Throws<WalAbsentException>(() => Open(flush)).Message,
                StringComparison.Ordinal);
        }
        File.Move(what == "removed" ? _temporary["copied"] : elsewhere, active, overwrite: true);
        using var next = Open(flush);
        Assert.Equal(3, next.NextOffset);
        Append(next, 1, from: 3);
        Assert.Equal("record 3", Encoding.UTF8.GetString(next.Read(3)));
    }

    [Fact]
    public void Outcome_should_be_unknown_where_the_active_file_went_between_the_write_and_the_acknowledgement()
    {
        var files = new MovingFiles();
        var log = SegmentedLog.Open(_path, FewRecordsASegment, files);
        Append(log, 1);
        var active = Path.Combine(_path, "00000000.log");
        files.BeforeNextLogSync = () => File.Move(active, _temporary["rotated"]);
        log.Append("written there"u8);
        Assert.Throws<WalOutcomeUnknownException>(log.Commit);
        log.Close();
        File.Move(_temporary["rotated"], active);
        using var next = Open();
        Assert.Equal("written there", Encoding.UTF8.GetString(next.Read(1)));
    }

    [Fact]
    public void Outcome_should_be_unknown_where_the_directory_went_between_the_write_and_the_acknowledgement()
    {
        var files = new MovingFiles();
        var log = SegmentedLog.Open(_path, FewRecordsASegment, files);
        Append(log, 1);
        files.BeforeNextLogSync = () => Directory.Move(_path, _temporary["moved"]);
        log.Append("written there"u8);
        var unknown = Assert.Throws<WalOutcomeUnknownException>(log.Commit);
        Assert.Contains("outcome is not known", unknown.Message, StringComparison.Ordinal);
        log.Close();

        using var moved = SegmentedLog.Open(_temporary["moved"]);
        Assert.Equal("written there", Encoding.UTF8.GetString(moved.Read(1)));
    }

    [Fact]
    public void Lost_owner_should_still_sync_what_it_has_acknowledged_when_it_stops()
    {
        var files = new MovingFiles();
        var log = SegmentedLog.Open(_path, new WalOptions { Flush = FlushPolicy.OsCache }, files);
        Append(log, 1);
        Directory.Move(_path, _temporary["moved"]);
        var isSynced = false;
        files.BeforeNextLogSync = () => isSynced = true;
        log.Close();
        Assert.True(isSynced);
    }

    [LinuxFilesFact("a directory that was moved is not read any more")]
    public void Reader_should_stay_with_the_log_that_it_opened()
    {
        using (var log = Open()) Append(log, 30);
        using var reader = LogReader.Open(_path);
        Directory.Move(_path, _temporary["moved"]);
        using (var other = Open()) Append(other, 2);
        reader.Refresh();
        Assert.Equal(30, reader.NextOffset);
        Assert.Equal("record 29", Encoding.UTF8.GetString(reader.Read(29)));
        using var cursor = reader.Scan(0);
        var count = 0;
        while (cursor.MoveNext()) count++;
        Assert.Equal(30, count);
    }

    [Theory]
    [InlineData("00000000.log")]
    [InlineData("00000000.index")]
    [InlineData("LOCK")]
    public void Hard_link_copy_should_share_no_bytes_that_are_written(string file)
    {
        using (var log = Open()) Append(log, 1);
        using (var ln = Process.Start("ln", [Path.Combine(_path, file), _temporary["copy"]])) ln.WaitForExit();
        var before = File.ReadAllBytes(_temporary["copy"]);

        var refused = Assert.Throws<WalIOException>(() => Open());
        Assert.Contains(Path.Combine(_path, file) + ": it has 2 names", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_temporary["copy"]));
        using (var reader = LogReader.Open(_path)) Assert.Equal(1, reader.NextOffset);

        // The steps that the message recommends.
        File.Copy(Path.Combine(_path, file), Path.Combine(_path, file + ".copy"));
        File.Move(Path.Combine(_path, file + ".copy"), Path.Combine(_path, file), overwrite: true);
        using (var log = Open()) Append(log, 1, from: 1);
        Assert.Equal(before, File.ReadAllBytes(_temporary["copy"]));
    }

    private SegmentedLog Open(FlushPolicy flush = FlushPolicy.Always) =>
        SegmentedLog.Open(_path, FewRecordsASegment with { Flush = flush });

    private static void Append(SegmentedLog log, int count, int from = 0)
    {
        for (var i = from; i < from + count; i++) log.Append(Encoding.UTF8.GetBytes($"record {i}"));
        log.Commit();
    }

    private static IEnumerable<string?> Names(string directory) =>
        Directory.EnumerateFileSystemEntries(directory).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    /// <summary>Runs an action right before the next sync of a log file.</summary>
    private sealed class MovingFiles() : ForwardingFiles(WalFileSystem.Default)
    {
        internal Action? BeforeNextLogSync { get; set; }

        public override IWalFile Open(string path, FileAccessMode mode)
        {
            var file = base.Open(path, mode);
            return path.EndsWith(SegmentName.LogSuffix, StringComparison.Ordinal) ? new File(file, this) : file;
        }

        private sealed class File(IWalFile file, MovingFiles owner) : ForwardingFile(file)
        {
            public override void Sync()
            {
                var before = owner.BeforeNextLogSync;
                owner.BeforeNextLogSync = null;
                before?.Invoke();
                base.Sync();
            }
        }
    }
}
