using System.Text;
using AkkaWal.Storage.Backup;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Epochs;

/// <summary>Logs with an owner on real files: when the epoch is raised, and who can read and repair the log.</summary>
public sealed class OwnerSpec : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();
    private readonly string _path;
    private readonly List<string> _expected = [];

    public OwnerSpec() => _path = _temporary["log"];

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Each_opening_by_another_owner_should_raise_the_epoch_and_keep_the_records()
    {
        Write("a");
        Assert.Equal((1, "a"), EpochAt("epochs/1"));
        Write("b");
        Assert.Equal((2, "b"), EpochAt("epochs/2"));
        Assert.Equal(["1.claim", "2", "2.claim"], NamesIn("epochs"));
        Write("a");
        Assert.Equal((3, "a"), EpochAt("epochs/3"));
        AssertReadable();
    }

    [Fact]
    public void Opening_by_the_same_owner_should_not_raise_the_epoch()
    {
        Write("a");
        Write("a");
        Assert.Equal(["1", "1.claim"], NamesIn("epochs"));
        AssertReadable();
    }

    [Fact]
    public void Opening_without_an_owner_should_raise_the_epoch_of_a_log_that_had_one()
    {
        Write("a");
        Write("");
        Write("");
        Assert.Equal((3, ""), EpochAt("epochs/3"));
        AssertReadable();
    }

    [Fact]
    public void Log_without_an_owner_should_stay_in_format_version_1()
    {
        Write("");
        Write("");
        Assert.Equal(1, VersionOf("MANIFEST"));
        Assert.Equal(["00000000.index", "00000000.log", "LOCK", "MANIFEST"], NamesIn(""));
    }

    [Fact]
    public void Plain_log_should_be_upgraded_by_its_first_owner()
    {
        Write("");
        Write("a");
        // An older program refuses this as newer: the head is whole, and the version is 2.
        Assert.Equal(2, VersionOf("MANIFEST"));
        var left = Manifest.Decode(File.ReadAllBytes(Path.Combine(_path, "MANIFEST")), "MANIFEST");
        Assert.True(left is { HasMoved: true, SealedSegments.Count: 0 });
        Assert.Equal(["LOCK", "MANIFEST", "epochs"], NamesIn(""));
        Assert.Equal(
            ["00000000.index", "00000000.log", "00000001.index", "00000001.log", "MANIFEST"], NamesIn("epochs/1"));
        AssertReadable();
    }

    [Fact]
    public void Reader_should_follow_the_log_from_epoch_to_epoch()
    {
        Write("a");
        using var reader = LogReader.Open(_path);
        AssertHolds(reader.Read);
        Write("b");
        reader.Refresh();
        AssertHolds(reader.Read);
        using var log = Open("c");
        Append(log);
        reader.Refresh();
        AssertHolds(reader.Read);
    }

    [Fact]
    public void Reader_should_follow_a_takeover_from_writer_to_writer_by_itself()
    {
        // It sees no moment without a writer.
        Write("a");
        LogReader? reader = null;
        LogCursor? cursor = null;
        foreach (var owner in new[] { "a", "b", "c" })
        {
            using var log = Open(owner);
            reader ??= LogReader.Open(_path);
            cursor ??= reader.Scan(1);
            Append(log);
            Append(log);
            AssertHolds(reader.Read);
            Assert.Equal(2, CountOf(cursor));
        }
        cursor!.Dispose();
        reader!.Dispose();
    }

    [Fact]
    public void Backup_should_be_a_plain_log()
    {
        Write("a");
        Write("b");
        using (var log = Open("b"))
        {
            Append(log);
            LogBackup.Run(_path, _temporary["backup"]);
        }
        Assert.Equal(1, VersionOf("../backup/MANIFEST"));
        using var copy = SegmentedLog.Open(_temporary["backup"]);
        AssertHolds(copy.Read);
    }

    [Fact]
    public void Lost_manifest_of_an_epoch_should_be_refused_and_rebuilt()
    {
        Write("a");
        Write("b");
        File.Delete(Path.Combine(_path, "epochs/2/MANIFEST"));
        Assert.Throws<WalAbsentException>(() => Open("b"));
        Assert.Throws<WalAbsentException>(() => Open("c"));
        LogRepair.RebuildManifest(_path);
        Write("c");
        AssertReadable();
    }

    [Fact]
    public void Lost_folder_of_the_epochs_should_be_refused()
    {
        Write("a");
        Directory.Move(Path.Combine(_path, "epochs"), _temporary["elsewhere"]);
        Assert.Throws<WalAbsentException>(() => Open("a"));
        Assert.Throws<WalAbsentException>(() => Open(""));
        Assert.Equal("M5", Assert.Single(LogVerifier.Verify(_path).Faults).Row);
        Directory.Move(_temporary["elsewhere"], Path.Combine(_path, "epochs"));
        Write("a");
        AssertReadable();
    }

    [Fact]
    public void What_a_person_put_into_an_epochs_directory_should_be_kept()
    {
        Write("a");
        File.WriteAllText(Path.Combine(_path, "epochs/1/notes.txt"), "mine");
        Write("b");
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_path, "epochs/2/notes.txt")));
    }

    [Fact]
    public void Refused_log_should_not_be_claimed()
    {
        Write("a");
        File.Delete(Path.Combine(_path, "epochs/1/00000001.log"));
        File.Delete(Path.Combine(_path, "epochs/1/00000000.log"));
        Assert.Throws<WalAbsentException>(() => Open("b"));
        Assert.Equal(["1", "1.claim"], NamesIn("epochs"));
    }

    [Fact]
    public void Directory_of_an_epoch_should_not_be_opened_for_itself()
    {
        Write("a");
        var epoch = Path.Combine(_path, "epochs/1");
        foreach (var owner in new[] { "", "a", "b" })
            Assert.Throws<WalForeignException>(() => SegmentedLog.Open(epoch, new WalOptions { Owner = owner }));
        Assert.Throws<WalForeignException>(() => LogRepair.RebuildManifest(epoch));
        Assert.Throws<WalForeignException>(() => LogRepair.CutTail(epoch));
        Assert.Throws<WalForeignException>(() => LogRepair.RebuildIndex(epoch, 0));
        Assert.Equal(["00000000.index", "00000000.log", "LOCK", "MANIFEST"], NamesIn("epochs/1"));
        Write("b");
        AssertReadable();
    }

    [Fact]
    public void Record_that_rotted_after_a_clean_stop_should_keep_no_owner_out()
    {
        Write("a");
        Write("a");
        Write("a");
        var log = Path.Combine(_path, "epochs/1/00000000.log");
        var bytes = File.ReadAllBytes(log);
        // The payload of the second record.
        bytes[SegmentHeader.SizeBytes + (bytes.Length - SegmentHeader.SizeBytes) / 2] ^= 1;
        File.WriteAllBytes(log, bytes);
        foreach (var owner in new[] { "a", "b", "" })
        {
            using var opened = Open(owner);
            Assert.Throws<WalDamagedException>(() => opened.Read(1));
            Assert.Equal("record 2", Encoding.UTF8.GetString(opened.Read(2)));
            Assert.Equal("record 0", Encoding.UTF8.GetString(opened.Read(0)));
        }
        Assert.Equal((3, ""), EpochAt("epochs/3"));
        Assert.Equal(1, Assert.Single(LogVerifier.Verify(_path).Faults).Offset);
    }

    [Fact]
    public void Lock_on_the_active_segment_should_keep_another_owner_out()
    {
        var disk = new SimulatedDisk();
        disk.CreateDirectory("/data");
        var options = new WalOptions { Owner = "a" };
        using var log = SegmentedLog.Open("/data/log", options, disk);
        log.Append("one"u8);
        log.Commit();
        disk.LoseLocks();
        using (var active = disk.Open("/data/log/epochs/1/00000000.log", FileAccessMode.ReadWrite))
        {
            Assert.True(active.TryLock());
            Assert.Throws<WalLockedException>(() => SegmentedLog.Open("/data/log", options with { Owner = "b" }, disk));
            Assert.Throws<WalLockedException>(() => SegmentedLog.Open("/data/log", options, disk));
        }
        using var next = SegmentedLog.Open("/data/log", options with { Owner = "b" }, disk);
        Assert.Equal("one"u8.ToArray(), next.Read(0));
    }

    [Fact]
    public void File_should_be_locked_by_one_handle_until_it_is_closed()
    {
        Write("");
        var files = Files.Posix.PosixFileSystem.Instance;
        var path = Path.Combine(_path, "00000000.log");
        using var second = files.Open(path, FileAccessMode.ReadWrite);
        using (var first = files.Open(path, FileAccessMode.ReadWrite))
        {
            Assert.True(first.TryLock());
            Assert.False(second.TryLock());
        }
        Assert.True(second.TryLock());
    }

    [Fact]
    public void Golden_log_should_be_taken_over_with_its_archive()
    {
        using var golden = new Golden.GoldenLog("killed");
        var options = golden.Options with { Owner = "a" };
        using (var log = SegmentedLog.Open(golden.Directory, options)) log.Append("new"u8);
        using var again = SegmentedLog.Open(golden.Directory, options with { Owner = "b" });
        Assert.Equal("new"u8.ToArray(), again.Read(Golden.GoldenLog.NextOffset));
        for (var offset = 0L; offset < Golden.GoldenLog.NextOffset; offset++)
            if (!Golden.GoldenLog.IsDeleted(offset))
                Assert.Equal(Golden.GoldenLog.Payload(offset), again.Read(offset));
        again.DeleteSegment("00000000.log");
        Assert.Empty(LogVerifier.Verify(golden.Directory, golden.Options).Faults);
    }

    private SegmentedLog Open(string owner) => SegmentedLog.Open(_path, new WalOptions { Owner = owner });

    private void Write(string owner)
    {
        using var log = Open(owner);
        Append(log);
    }

    private void Append(SegmentedLog log)
    {
        var text = $"record {_expected.Count}";
        Assert.Equal(_expected.Count, log.Append(Encoding.UTF8.GetBytes(text)));
        log.Commit();
        _expected.Add(text);
        AssertHolds(log.Read);
    }

    private void AssertReadable()
    {
        Assert.Empty(LogVerifier.Verify(_path).Faults);
        using var reader = LogReader.Open(_path);
        AssertHolds(reader.Read);
    }

    private void AssertHolds(Func<long, byte[]> read) =>
        Assert.Equal(_expected, _expected.Select((_, offset) => Encoding.UTF8.GetString(read(offset))));

    private static int CountOf(LogCursor cursor)
    {
        var count = 0;
        while (cursor.MoveNext()) count++;
        return count;
    }

    private (long Epoch, string Owner) EpochAt(string directory)
    {
        var manifest = Manifest.Decode(File.ReadAllBytes(Path.Combine(_path, directory, "MANIFEST")), "MANIFEST");
        Assert.True(manifest.IsShared);
        return (manifest.Epoch, manifest.Owner);
    }

    private int VersionOf(string name) => BitConverter.ToInt32(File.ReadAllBytes(Path.Combine(_path, name)), 8);

    private IEnumerable<string> NamesIn(string directory) =>
        Directory.EnumerateFileSystemEntries(Path.Combine(_path, directory)).Select(path => Path.GetFileName(path)!)
            .Order(StringComparer.Ordinal);
}
