using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.TestKit.Tests;

/// <summary>The simulator is held to its own model: a test over a disk that forgives too much proves nothing.</summary>
public sealed class SimulatedDiskSpec
{
    private const string Dir = "/data/log";

    private readonly SimulatedDisk _disk = new();

    public SimulatedDiskSpec() => _disk.CreateDirectory(Dir);

    private static IEnumerable<CutMode> Modes =>
        from bytes in Enum.GetValues<KeptBytes>()
        from names in Enum.GetValues<KeptNames>()
        from stale in new[] { false, true }
        select new CutMode(bytes, names, stale);

    [Fact]
    public void Cut_should_keep_what_was_synced_in_every_mode()
    {
        using var file = _disk.Open($"{Dir}/a", FileAccessMode.CreateNew);
        file.Write(0, Pattern(10_000, 1));
        file.Sync();
        _disk.SyncDirectory(Dir);
        file.Write(10_000, Pattern(5_000, 2));

        foreach (var cut in Cuts(20))
            Assert.Equal(Pattern(10_000, 1), cut.ReadAll($"{Dir}/a")[..10_000]);
    }

    [Fact]
    public void Cut_should_lose_a_synced_file_whose_name_was_not()
    {
        using var file = _disk.Open($"{Dir}/a", FileAccessMode.CreateNew);
        file.Write(0, Pattern(100, 1));
        file.Sync();

        Assert.Null(_disk.PowerCut(new Random(1), new CutMode(KeptBytes.All, KeptNames.None)).Stat($"{Dir}/a"));
        Assert.Equal(100, _disk.Kill().Stat($"{Dir}/a")!.Value.LengthBytes);
    }

    [Fact]
    public void Cut_should_leave_a_name_without_bytes_when_only_the_directory_was_synced()
    {
        using var file = _disk.Open($"{Dir}/a", FileAccessMode.CreateNew);
        file.Write(0, Pattern(100, 1));
        _disk.SyncDirectory(Dir);

        var cut = _disk.PowerCut(new Random(1), new CutMode(KeptBytes.None, KeptNames.None));
        Assert.Equal(0, cut.Stat($"{Dir}/a")!.Value.LengthBytes);
    }

    [Fact]
    public void Cut_should_show_every_kind_of_torn_write()
    {
        using var file = _disk.Open($"{Dir}/a", FileAccessMode.CreateNew);
        _disk.SyncDirectory(Dir);
        file.Write(0, Pattern(8192, 1));

        var (whole, nothing, shorter, hole, zeroTail, midSector) = (0, 0, 0, 0, 0, 0);
        foreach (var cut in Cuts(60))
        {
            var bytes = cut.ReadAll($"{Dir}/a");
            whole += bytes.Length == 8192 && !bytes.Contains((byte)0) ? 1 : 0;
            nothing += bytes.Length == 0 ? 1 : 0;
            shorter += bytes.Length is > 0 and < 8192 ? 1 : 0;
            hole += bytes.AsSpan().TrimEnd((byte)0).Contains((byte)0) ? 1 : 0;
            zeroTail += bytes.Length > 0 && bytes[^1] == 0 ? 1 : 0;
            midSector += bytes.AsSpan().TrimEnd((byte)0).Length % 512 != 0 ? 1 : 0;
        }

        Assert.All(new[] { whole, nothing, shorter, hole, zeroTail, midSector }, count => Assert.True(count > 10));
    }

    [Fact]
    public void Cut_should_lose_or_keep_a_truncation_that_was_not_synced()
    {
        using var file = _disk.Open($"{Dir}/a", FileAccessMode.CreateNew);
        file.Write(0, Pattern(1000, 1));
        file.Sync();
        _disk.SyncDirectory(Dir);
        file.SetLength(100);
        file.Write(100, Pattern(50, 2));

        var lengths = Cuts(40).Select(cut => cut.Stat($"{Dir}/a")!.Value.LengthBytes).ToHashSet();
        Assert.Superset(new HashSet<long> { 100, 150, 1000 }, lengths);
    }

    [Fact]
    public void Rename_should_be_atomic_and_lost_until_its_directory_is_synced()
    {
        Put("MANIFEST", 1);
        _disk.SyncDirectory(Dir);
        Put("MANIFEST.tmp", 2);
        _disk.Rename($"{Dir}/MANIFEST.tmp", $"{Dir}/MANIFEST");

        var seen = Cuts(40).Select(cut => cut.ReadAll($"{Dir}/MANIFEST")[0]).ToHashSet();
        Assert.Equal(2, seen.Count);
        _disk.SyncDirectory(Dir);
        Assert.All(Cuts(10), cut => Assert.Equal(Pattern(100, 2), cut.ReadAll($"{Dir}/MANIFEST")));
    }

    [Fact]
    public void Move_should_never_lose_a_file_whichever_directory_is_synced()
    {
        foreach (var synced in new[] { null, Dir, "/data/archive" })
        {
            var disk = new SimulatedDisk();
            disk.CreateDirectory(Dir);
            disk.CreateDirectory("/data/archive");
            disk.Overwrite($"{Dir}/a", Pattern(10, 1));
            disk.Rename($"{Dir}/a", "/data/archive/a");
            if (synced is not null)
                disk.SyncDirectory(synced);
            foreach (var mode in Modes)
            {
                var cut = disk.PowerCut(new Random(7), mode);
                Assert.True(cut.Stat($"{Dir}/a") is not null || cut.Stat("/data/archive/a") is not null);
                Assert.True(synced is null || cut.Stat("/data/archive/a") is not null);
            }
        }
    }

    [Fact]
    public void Names_should_survive_as_a_prefix_or_harsher_as_any_subset()
    {
        _disk.Open($"{Dir}/a", FileAccessMode.CreateNew).Dispose();
        _disk.Open($"{Dir}/b", FileAccessMode.CreateNew).Dispose();

        bool LosesOnlyTheFirst(KeptNames names) => Enumerable.Range(0, 100)
            .Select(seed => _disk.PowerCut(new Random(seed), new CutMode(KeptBytes.Subset, names)))
            .Any(cut => cut.Stat($"{Dir}/a") is null && cut.Stat($"{Dir}/b") is not null);
        Assert.False(LosesOnlyTheFirst(KeptNames.Prefix));
        Assert.True(LosesOnlyTheFirst(KeptNames.Subset));
    }

    [Fact]
    public void Kill_should_keep_what_was_written_and_free_the_locks()
    {
        using var held = _disk.Lock($"{Dir}/LOCK");
        Assert.Throws<WalLockedException>(() => _disk.Lock($"{Dir}/LOCK"));
        Put("a", 1);

        var after = _disk.Kill();
        after.Lock($"{Dir}/LOCK").Dispose();
        after.Lock($"{Dir}/LOCK").Dispose();
        Assert.Equal(Pattern(100, 1), after.ReadAll($"{Dir}/a"));
        Assert.Null(after.PowerCut(new Random(1), new CutMode(KeptBytes.None, KeptNames.None)).Stat($"{Dir}/a"));
    }

    [Fact]
    public void Forks_should_not_see_each_others_writes()
    {
        Put("a", 1);
        var fork = _disk.Kill();
        using (var file = fork.Open($"{Dir}/a", FileAccessMode.ReadWrite))
            file.Write(10, Pattern(10, 9));
        using (var file = _disk.Open($"{Dir}/a", FileAccessMode.ReadWrite))
            file.Write(50, Pattern(10, 8));

        Assert.Equal(Pattern(100, 1)[50], fork.ReadAll($"{Dir}/a")[50]);
        Assert.Equal(Pattern(100, 1)[10], _disk.ReadAll($"{Dir}/a")[10]);
    }

    [Fact]
    public void Failed_sync_should_leave_the_cache_lying_until_it_evicts()
    {
        using var file = _disk.Open($"{Dir}/a", FileAccessMode.CreateNew);
        file.Write(0, Pattern(100, 1));
        file.Sync();
        _disk.SyncDirectory(Dir);
        file.Write(50, Pattern(100, 2));
        _disk.Faults = operation => operation.Kind == DiskOperationKind.Sync ? DiskFault.Error : null;
        Assert.False(Assert.Throws<WalIOException>(file.Sync).IsOutOfSpace);
        _disk.Faults = null;

        file.Sync();
        Assert.Equal(Pattern(100, 2), _disk.ReadAll($"{Dir}/a")[50..]);
        var reopened = _disk.Kill();
        Assert.Equal(Pattern(100, 2), reopened.ReadAll($"{Dir}/a")[50..]);
        Assert.All(Cuts(5), cut => Assert.Equal(Pattern(100, 1), cut.ReadAll($"{Dir}/a")));
        reopened.Evict();
        Assert.Equal(Pattern(100, 1), reopened.ReadAll($"{Dir}/a"));
    }

    [Fact]
    public void Rewriting_after_a_failed_sync_should_make_the_bytes_durable()
    {
        using var file = _disk.Open($"{Dir}/a", FileAccessMode.CreateNew);
        _disk.SyncDirectory(Dir);
        file.Write(0, Pattern(100, 1));
        _disk.Faults = operation => operation.Kind == DiskOperationKind.Sync ? DiskFault.Error : null;
        Assert.Throws<WalIOException>(file.Sync);
        _disk.Faults = null;
        file.Write(0, Pattern(100, 1));
        file.Sync();

        _disk.Evict();
        Assert.Equal(Pattern(100, 1), _disk.ReadAll($"{Dir}/a"));
        Assert.All(Cuts(5), cut => Assert.Equal(Pattern(100, 1), cut.ReadAll($"{Dir}/a")));
    }

    [Fact]
    public void Write_should_fail_in_part_where_told()
    {
        using var file = _disk.Open($"{Dir}/a", FileAccessMode.CreateNew);
        _disk.Faults = operation => operation.Number == 3 ? DiskFault.NoSpace.After(0.25) : null;

        var failure = Assert.Throws<WalIOException>(() => file.Write(0, Pattern(100, 1)));
        Assert.True(failure.IsOutOfSpace);
        Assert.Equal(Pattern(100, 1)[..25], _disk.ReadAll($"{Dir}/a"));
        Assert.Equal("#3 Write /data/log/a [0, 100)", _disk.Operations[2].ToString());
    }

    [Fact]
    public void Full_disk_should_take_what_fits_and_go_on_when_there_is_room()
    {
        _disk.CapacityBytes = 3 * 4096;
        Put("a", 1);
        using var file = _disk.Open($"{Dir}/b", FileAccessMode.CreateNew);
        Assert.True(Assert.Throws<WalIOException>(() => file.Write(0, Pattern(10_000, 2))).IsOutOfSpace);
        Assert.Equal(8192, file.LengthBytes);
        file.SetLength(100_000);

        _disk.Delete($"{Dir}/a");
        file.Write(8192, Pattern(1808, 2));
        Assert.Equal(3 * 4096, _disk.UsedBytes);
    }

    [Fact]
    public void Open_should_refuse_what_the_platform_refuses()
    {
        Put("a", 1);
        _disk.MakeReadOnly($"{Dir}/a");
        _disk.PlaceOther($"{Dir}/link");
        Assert.Throws<WalIOException>(() => _disk.Open($"{Dir}/a", FileAccessMode.ReadWrite));
        Assert.Throws<WalIOException>(() => _disk.Open($"{Dir}/a", FileAccessMode.CreateNew));
        Assert.Throws<WalIOException>(() => _disk.Open($"{Dir}/none", FileAccessMode.Read));
        Assert.Throws<WalIOException>(() => _disk.Open($"{Dir}/link", FileAccessMode.Read));
        Assert.Throws<WalIOException>(() => _disk.Open(Dir, FileAccessMode.Read));
        using var reader = _disk.Open($"{Dir}/a", FileAccessMode.Read);
        Assert.Throws<WalIOException>(() => reader.Write(0, [1]));
        Assert.Equal(1, _disk.OpenHandleCount);
    }

    [Fact]
    public void Deleted_file_should_go_on_for_its_handles_and_come_back_after_a_cut()
    {
        Put("a", 1);
        _disk.SyncDirectory(Dir);
        using var reader = _disk.Open($"{Dir}/a", FileAccessMode.Read);
        _disk.Delete($"{Dir}/a");

        Assert.Null(_disk.Stat($"{Dir}/a"));
        Assert.Equal(10, reader.Read(0, new byte[10]));
        Assert.NotNull(_disk.PowerCut(new Random(1), new CutMode(KeptBytes.All, KeptNames.None)).Stat($"{Dir}/a"));
    }

    private void Put(string name, int seed)
    {
        using var file = _disk.Open($"{Dir}/{name}", FileAccessMode.CreateNew);
        file.Write(0, Pattern(100, seed));
        file.Sync();
    }

    private IEnumerable<SimulatedDisk> Cuts(int perMode) =>
        from mode in Modes from seed in Enumerable.Range(0, perMode) select _disk.PowerCut(new Random(seed), mode);

    /// <summary>Bytes without a zero, so that a hole shows.</summary>
    private static byte[] Pattern(int count, int seed) =>
        [.. Enumerable.Range(0, count).Select(i => (byte)(1 + ((i * 7) + (seed * 13) + (i >> 8)) % 255))];
}
