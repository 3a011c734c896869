using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.Opening;

/// <summary>Openings with unusual leftovers, and what they leave behind.</summary>
[Trait("Suite", "RecoveryTable")]
public sealed class OpeningSpec
{
    private static string[] Names(SimulatedDisk disk, string directory = Workload.Directory) =>
        [.. disk.List(directory).Select(entry => entry.Name).Order(StringComparer.Ordinal)];

    [Fact]
    public void Roll_that_found_no_room_should_leave_no_index_behind()
    {
        var disk = new SimulatedDisk();
        using var log = Workload.Open(disk, SampleLog.Options);
        log.Append([1]);
        log.Commit();
        disk.Faults = operation => operation is { Kind: DiskOperationKind.Write, Name: "00000001.log.tmp" }
            ? DiskFault.NoSpace : null;
        Assert.Throws<WalOutOfSpaceException>(log.SealActive);
        disk.Faults = null;
        Assert.Equal(["00000000.index", "00000000.log", "LOCK", "MANIFEST"], Names(disk));
        log.Append([2]);
        log.SealActive();
        Assert.Equal(
            ["00000000.index", "00000000.log", "00000002.index", "00000002.log", "LOCK", "MANIFEST"], Names(disk));
    }

    [Fact]
    public void Index_of_a_successor_that_was_never_made_should_go()
    {
        var sample = SampleLog.Build(isStoppedCleanly: false);
        var disk = sample.Disk.Kill();
        disk.Overwrite(SampleLog.At("00000099.index"), [1, 2, 3]);
        Workload.Open(disk, SampleLog.Options).Close();
        Assert.DoesNotContain("00000099.index", Names(disk));

        // If a sealed mark says that a successor was created, the successor's log file is reported as missing.
        disk = sample.Disk.Kill();
        disk.Lose(SampleLog.At(sample.ActiveLog));
        disk.Lose(SampleLog.At("MANIFEST"));
        LogRepair.RebuildManifest(Workload.Directory, SampleLog.Options, disk);
        Assert.Throws<WalAbsentException>(() => Workload.Open(disk, SampleLog.Options));
        Assert.Contains(sample.ActiveIndex, Names(disk));
    }

    [Fact]
    public void Tails_that_are_cut_in_the_same_second_should_be_kept_apart()
    {
        var disk = SampleLog.Build(isStoppedCleanly: true).Disk.Kill();
        var log = SampleLog.At(SampleLog.Build(isStoppedCleanly: true).ActiveLog);
        var whole = disk.ReadAll(log);
        for (byte life = 1; life <= 3; life++)
        {
            disk.Overwrite(log, [.. whole, life, life]);
            Workload.Open(disk, SampleLog.Options).Close();
        }
        var kept = Names(disk, SampleLog.At("set-aside"));
        Assert.Equal(3, kept.Length);
        Assert.Equal(
            [1, 2, 3],
            kept.Select(name => disk.ReadAll(SampleLog.At($"set-aside/{name}")))
                .Select(bytes => { Assert.Equal(2, bytes.Length); return (int)bytes[0]; }).Order());
    }

    [Fact]
    public void Neighbours_should_not_be_mentioned_and_strangers_should()
    {
        var disk = SampleLog.Build(isStoppedCleanly: true).Disk.Kill();
        disk.CreateDirectory(SampleLog.At("kafka"));
        disk.CreateDirectory(SampleLog.At("stranger"));
        List<string> notes = [];
        SegmentedLog.Open(Workload.Directory, SampleLog.Options with { Neighbours = ["kafka"] }, disk, notes.Add)
            .Close();
        Assert.Contains("stranger", Assert.Single(notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Seal_that_finds_no_room_at_opening_should_not_be_taken_for_one_of_read_only_files(bool isReadOnly)
    {
        var disk = new SimulatedDisk();
        SimulatedDisk? crashed = null;
        using (var log = Workload.Open(disk, SampleLog.Options))
        {
            log.Append([1]);
            log.Commit();
            // The crash is between the rename of the successor and the sealed mark.
            disk.AfterOperation = operation =>
            {
                if (operation.Kind == DiskOperationKind.SyncDirectory) crashed = disk.Kill();
            };
            log.SealActive();
            disk.AfterOperation = null;
        }
        Assert.NotNull(crashed);
        crashed.Lose(SampleLog.At(SampleLog.FirstIndex));
        if (isReadOnly) crashed.MakeReadOnly(SampleLog.At(SampleLog.FirstLog));
        crashed.Faults = operation => operation.Name == SampleLog.FirstIndex + ".tmp" ? DiskFault.NoSpace : null;
        if (!isReadOnly)
            Assert.True(Assert.Throws<WalIOException>(() => Workload.Open(crashed, SampleLog.Options)).IsOutOfSpace);
        if (!isReadOnly) crashed.Faults = null;
        using var again = Workload.Open(crashed, SampleLog.Options);
        Assert.Equal([1], again.Read(0));
        Assert.Equal([true, false], again.Segments.Select(segment => segment.IsSealed));
        Assert.Equal(!isReadOnly, Names(crashed).Contains(SampleLog.FirstIndex));
    }

    /// <summary>
    /// A double fault: an index is lost, and the tear is wider than a commit, which a policy without bounds can leave.
    /// A power cut alone does not lose an index. Without the index the earlier policy is unknown, so the opening
    /// assumes damage rather than lose records.
    /// </summary>
    [Theory]
    [InlineData(FlushPolicy.Always)]
    [InlineData(FlushPolicy.Interval)]
    public void Wide_tear_beside_a_lost_index_should_be_refused_read_and_repaired(FlushPolicy next)
    {
        const int PayloadBytes = 1000, FrameBytes = Frame.HeaderBytes + PayloadBytes;
        const int Synced = 10, Given = 40;
        var interval = SampleLog.Options with { Flush = FlushPolicy.Interval };
        var disk = new SimulatedDisk();
        using (var log = Workload.Open(disk, interval))
        {
            for (var i = 0; i < Given; i++)
            {
                log.Append(new byte[PayloadBytes]);
                log.Commit();
                if (log.NextOffset == Synced) log.Sync();
            }
            // The first record behind the sync never reached the disk; the later ones did.
            disk = disk.PowerCut(new Random(1), new CutMode(KeptBytes.All, KeptNames.All));
        }
        var at = SampleLog.At(SampleLog.FirstLog);
        var bytes = disk.ReadAll(at);
        bytes.AsSpan(SegmentHeader.SizeBytes + Synced * FrameBytes, FrameBytes).Clear();
        disk.Overwrite(at, bytes);
        var options = SampleLog.Options with { Flush = next };

        using (var log = Workload.Open(disk.Kill(), options)) Assert.Equal(Synced, log.NextOffset);

        disk.Lose(SampleLog.At(SampleLog.FirstIndex));
        Assert.Throws<WalDamagedException>(() => Workload.Open(disk, options));
        using (var reader = LogReader.Open(Workload.Directory, files: disk)) Assert.Equal(Synced, reader.NextOffset);
        // The operator knows how many offsets were given, and passes the next one.
        LogRepair.CutTail(Workload.Directory, options, disk, nextOffset: Given);
        using (var log = Workload.Open(disk, options))
        {
            Assert.Equal(new byte[PayloadBytes], log.Read(Synced - 1));
            Assert.Equal(Given, log.NextOffset);
        }
    }
}
