using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests;

/// <summary>The calls that a log needs from its file system, and those that it can do without.</summary>
public sealed class FileSystemPromisesSpec
{
    private static readonly CutMode Worst = new(KeptBytes.None, KeptNames.None);

    private readonly SimulatedDisk _disk = new();
    private readonly List<string> _notes = [];

    [Theory]
    [InlineData("Operation not permitted", WalIOCause.NotPermitted)]
    [InlineData("Operation not supported", WalIOCause.NotSupported)]
    [InlineData("Input/output error", WalIOCause.Other)]
    public void File_system_without_permissions_should_be_noted_once_and_hinder_nothing(string reason, WalIOCause cause)
    {
        _disk.Faults = operation => operation.Kind == DiskOperationKind.MakeReadOnly
            ? new DiskFault(reason, cause) : null;
        var options = new WalOptions { Archive = new DirectoryArchive(_disk, "/archive") };
        using (var log = SegmentedLog.Open("/data/log", options, _disk, _notes.Add))
        {
            for (var i = 0; i < 4; i++)
            {
                log.Append(new byte[1000]);
                log.SealActive();
            }
            log.CompressSegment("00000000.log");
            log.ArchiveSegment("00000000.log");
            log.ArchiveSegment("00000001.log");
            Assert.Equal(new byte[1000], log.Read(0));
        }
        Assert.Contains(
            $"make read-only /data/log/00000000.log: {reason}; the log goes on", Assert.Single(_notes),
            StringComparison.Ordinal);
        using var again = SegmentedLog.Open("/data/log", options, _disk);
        Assert.Equal(4, again.NextOffset);
    }

    [Fact]
    public void File_system_without_hints_should_be_noted_once_and_hinder_nothing()
    {
        var files = new FaultyFiles(_disk)
        {
            Faults = call => call.Word is "begin to write out" or "allocate space for" ? DiskFault.NotSupported : null,
        };
        using var log = SegmentedLog.Open(
            "/data/log", new WalOptions { Flush = FlushPolicy.OsCache }, files, _notes.Add);
        for (var i = 0; i < 20; i++)
        {
            log.Append(new byte[1 << 20]);
            log.Commit();
        }
        Assert.Equal(["allocate", "begin"], _notes.Select(note => note.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Disk_without_room_ahead_should_not_be_mentioned_as_a_courtesy_not_done()
    {
        var files = new FaultyFiles(_disk)
        {
            Faults = call => call.Word == "allocate space for" ? DiskFault.NoSpace : null,
        };
        using var log = SegmentedLog.Open(
            "/data/log", new WalOptions { Flush = FlushPolicy.OsCache }, files, _notes.Add);
        log.Append(new byte[1 << 20]);
        log.Commit();
        Assert.Empty(_notes);
    }

    [Fact]
    public void Directory_that_can_not_be_synced_should_refuse_the_opening_and_say_what_that_means()
    {
        _disk.Faults = operation => operation.Kind == DiskOperationKind.SyncDirectory && operation.Path == "/data/log"
            ? DiskFault.NotSupported : null;
        _disk.CreateDirectory("/data/log");
        var refusal = Assert.Throws<WalIOException>(() => SegmentedLog.Open("/data/log", null, _disk));
        Assert.Equal(WalIOCause.NotSupported, refusal.Cause);
        Assert.StartsWith(
            "keep a log in /data/log: its file system does not sync directories", refusal.Message,
            StringComparison.Ordinal);
        Assert.Contains("ext4", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["LOCK"], _disk.List("/data/log").Select(entry => entry.Name));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/data")]
    [InlineData("/data/logs")]
    public void Directories_that_a_start_made_and_could_not_sync_should_be_synced_by_the_next_one(string failing)
    {
        _disk.Faults = operation => operation.Kind == DiskOperationKind.SyncDirectory && operation.Path == failing
            ? DiskFault.Error : null;
        Assert.Throws<WalIOException>(() => SegmentedLog.Open("/data/logs/n1", null, _disk));
        // The next opening may find the directories that this one made, but their names may be unsynced.
        _disk.CreateDirectory("/data/logs/n1");
        Assert.Throws<WalIOException>(() => SegmentedLog.Open("/data/logs/n1", null, _disk));
        _disk.Faults = null;
        var log = SegmentedLog.Open("/data/logs/n1", null, _disk);
        log.Append([7]);
        log.Commit();
        using var left = SegmentedLog.Open("/data/logs/n1", null, _disk.PowerCut(new Random(1), Worst));
        Assert.Equal([7], left.Read(0));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/archive")]
    public void Archive_that_could_not_be_synced_should_be_before_originals_go(string failing)
    {
        var options = new WalOptions { Archive = new DirectoryArchive(_disk, "/archive") };
        var log = SegmentedLog.Open("/data/log", options, _disk);
        log.Append([7]);
        log.SealActive();
        _disk.Faults = operation => operation.Kind == DiskOperationKind.SyncDirectory && operation.Path == failing
            ? DiskFault.Error : null;
        Assert.Throws<WalIOException>(() => log.ArchiveSegment("00000000.log"));
        Assert.Throws<WalIOException>(() => log.ArchiveSegment("00000000.log"));
        _disk.Faults = null;
        log.ArchiveSegment("00000000.log");
        var left = _disk.PowerCut(new Random(1), Worst);
        using var again = SegmentedLog.Open(
            "/data/log", new WalOptions { Archive = new DirectoryArchive(left, "/archive") }, left);
        Assert.Equal([7], again.Read(0));
    }

    [Fact]
    public void Names_above_a_directory_should_be_synced_on_a_real_file_system()
    {
        var root = Directory.CreateTempSubdirectory("akkawal-names-").FullName;
        try
        {
            var deep = Path.Combine(root, "a", "b", "c");
            WalFileSystem.Default.CreateDirectory(deep);
            using var directory = WalFileSystem.Default.OpenDirectory(deep);
            directory.SyncNames();
            directory.SyncNames();
            directory.SyncDirectory(deep);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
