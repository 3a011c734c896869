using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.DryRun;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.IO;

/// <summary>A dry run returns what a disk would, and changes nothing below it.</summary>
public sealed class DryRunFilesSpec
{
    private const string Dir = "/log";

    private static readonly string[] Names = ["a", "b", "c"];

    // The model is a disk with the same operations. Positions are near the borders of pages.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Dry_run_should_show_what_a_disk_would_show(int seed)
    {
        var random = new Random(seed);
        var (below, model) = (NewDisk(), NewDisk());
        var dryRun = new DryRunFiles(below);
        var operations = below.Operations.Count;
        for (var step = 0; step < 150; step++)
        {
            var change = NextChange(random);
            Assert.Equal(Outcome(model, change), Outcome(dryRun, change));
            Assert.Equal(Shown(model), Shown(dryRun));
        }
        Assert.Equal(operations, below.Operations.Count);
    }

    [Fact]
    public void Copy_should_take_no_room_and_keep_what_it_is_a_copy_of()
    {
        var below = NewDisk();
        var dryRun = new DryRunFiles(below);
        var before = dryRun.ReadWhole($"{Dir}/a");
        for (var copy = 0; copy < 10_000; copy++) dryRun.Copy($"{Dir}/a", $"{Dir}/copy{copy}");
        using (var file = dryRun.Open($"{Dir}/a", FileAccessMode.ReadWrite)) file.Write(10, [1, 2, 3]);
        Assert.Equal(before, dryRun.ReadWhole($"{Dir}/copy7"));
        Assert.NotEqual(before, dryRun.ReadWhole($"{Dir}/a"));
    }

    [Fact]
    public void Changes_beyond_the_bound_should_be_refused_and_deleted_ones_should_not_count()
    {
        var dryRun = new DryRunFiles(NewDisk());
        var large = new byte[DryRunFiles.MaxBytes / 2];
        dryRun.WriteWhole($"{Dir}/large", large);
        dryRun.WriteWhole($"{Dir}/large", large);
        dryRun.Delete($"{Dir}/large");
        dryRun.WriteWhole($"{Dir}/large", large);
        using var file = dryRun.Open($"{Dir}/other", FileAccessMode.CreateNew);
        file.Write(0, large.AsSpan(0, large.Length - 1_000_000));
        var refused = Assert.Throws<WalIOException>(() => file.Write(large.Length, large));
        Assert.True(refused.IsOutOfSpace);
    }

    [Fact]
    public void Directory_should_be_made_where_something_is_gone()
    {
        var below = new SimulatedDisk();
        below.CreateDirectory("/data/folder");
        below.Overwrite("/data/file", [1]);
        var files = new DryRunFiles(below);
        files.DeleteDirectory("/data/folder");
        files.Delete("/data/file");
        Assert.Empty(files.List("/data"));
        foreach (var path in new[] { "/data/folder", "/data/file" })
        {
            files.CreateDirectory(path);
            Assert.Equal(WalEntryKind.Directory, files.Stat(path)?.Kind);
            Assert.Empty(files.List(path));
            files.Open($"{path}/new", FileAccessMode.CreateNew).Dispose();
            Assert.Single(files.List(path));
        }
        Assert.Equal(
            ["file", "folder"], files.List("/data").Select(entry => entry.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Link_should_not_be_supported_because_both_names_would_change()
    {
        var below = new SimulatedDisk();
        below.CreateDirectory("/data");
        below.Overwrite("/data/a", [1]);
        var files = new DryRunFiles(below);
        var refusal = Assert.Throws<WalIOException>(() => files.Link("/data/a", "/data/b"));
        Assert.Equal(WalIOCause.NotSupported, refusal.Cause);
        Assert.Null(files.Stat("/data/b"));
    }

    [Fact]
    public void Lock_that_somebody_holds_should_be_refused_and_one_that_nobody_holds_should_not_be_taken()
    {
        var disk = NewDisk();
        var dryRun = new DryRunFiles(disk);
        dryRun.Lock($"{Dir}/LOCK").Dispose();
        Assert.Null(disk.Stat($"{Dir}/LOCK"));
        using var held = disk.Lock($"{Dir}/LOCK");
        Assert.Throws<WalLockedException>(() => dryRun.Lock($"{Dir}/LOCK"));
    }

    private static SimulatedDisk NewDisk()
    {
        var disk = new SimulatedDisk();
        disk.CreateDirectory(Dir);
        var bytes = new byte[50_000];
        new Random(7).NextBytes(bytes);
        foreach (var name in Names[..2]) disk.WriteWhole($"{Dir}/{name}", bytes);
        return disk;
    }

    private static Action<IWalFileSystem> NextChange(Random random)
    {
        string path = $"{Dir}/{Names[random.Next(3)]}", other = $"{Dir}/{Names[random.Next(3)]}";
        long position = Math.Max(0, (16 << 10) * random.Next(4) + random.Next(-3, 3));
        var bytes = new byte[random.Next(3) switch { 0 => 1, 1 => 5, _ => 20_000 }];
        random.NextBytes(bytes);
        return random.Next(7) switch
        {
            0 => files => files.Delete(path),
            1 => files => files.Rename(path, other),
            2 => files => files.Copy(path, $"{path}.copy"),
            3 => files => files.WriteWhole(path, bytes),
            4 => files => With(files, path, file => file.SetLength(position)),
            5 => files => files.Open(path, FileAccessMode.CreateNew).Dispose(),
            _ => files => With(files, path, file => file.Write(position, bytes)),
        };

        static void With(IWalFileSystem files, string path, Action<IWalFile> change)
        {
            using var file = files.Open(path, FileAccessMode.ReadWrite);
            change(file);
        }
    }

    private static string Outcome(IWalFileSystem files, Action<IWalFileSystem> change)
    {
        try
        {
            change(files);
            return "done";
        }
        catch (WalIOException e)
        {
            return e.Message;
        }
    }

    private static IEnumerable<(string, WalEntryKind, string)> Shown(IWalFileSystem files) =>
    [
        .. files.List(Dir).OrderBy(entry => entry.Name, StringComparer.Ordinal).Select(entry =>
            (entry.Name, entry.Kind, Convert.ToHexString(files.ReadWhole($"{Dir}/{entry.Name}")))),
    ];
}
