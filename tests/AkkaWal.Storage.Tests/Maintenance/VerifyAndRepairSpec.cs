using System.Text;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Maintenance;

public sealed class VerifyAndRepairSpec
{
    private const string Dir = "/log";

    private const int FrameBytes = Frame.HeaderBytes + 12;

    private static readonly WalOptions Options = new() { MaxSegmentBytes = 5 * FrameBytes };

    private readonly SimulatedDisk _disk = new();

    /// <summary>Five sealed segments of five records and an active one of three, 28 in all.</summary>
    public VerifyAndRepairSpec()
    {
        using var log = SegmentedLog.Open(Dir, Options, _disk);
        for (var i = 0; i < 28; i++)
        {
            log.Append(Payload(i));
            log.Commit();
        }
    }

    private static byte[] Payload(int i) => Encoding.UTF8.GetBytes($"record {i:D5}");

    // The position of a record's frame, by the record's number in its segment.
    private static int PositionOf(int record) => SegmentHeader.SizeBytes + record * FrameBytes;

    private static string PathOf(string name) => $"{Dir}/{name}";

    private VerifyReport Verify() => LogVerifier.Verify(Dir, Options, _disk);

    private void AssertHolds(IEnumerable<int> offsets)
    {
        using var log = SegmentedLog.Open(Dir, Options, _disk);
        foreach (var i in offsets) Assert.Equal(Payload(i), log.Read(i));
    }

    private void Shorten(string name, int byBytes)
    {
        using var file = _disk.Open(PathOf(name), FileAccessMode.ReadWrite);
        file.SetLength(file.LengthBytes - byBytes);
        file.Sync();
    }

    [Fact]
    public void Verify_should_find_nothing_in_a_sound_log_and_change_nothing()
    {
        var before = _disk.Operations.Count;
        var seen = new List<VerifyProgress>();
        var report = LogVerifier.Verify(Dir, Options, _disk, new Listener(seen));
        Assert.Equal((6, 28, 0L), (report.SegmentCount, report.RecordCount, report.UnfinishedBytes));
        Assert.Empty(report.Faults);
        Assert.Equal(Enumerable.Range(1, 6), seen.Select(p => p.SegmentsDone));
        Assert.Equal(before, _disk.Operations.Count);
        Assert.Equal(0, _disk.OpenHandleCount);
    }

    [Fact]
    public void Verify_should_name_every_damaged_record_and_go_on_behind_it()
    {
        _disk.Flip(PathOf("00000005.log"), PositionOf(1) + Frame.HeaderBytes + 2, 1);
        _disk.Flip(PathOf("00000005.log"), PositionOf(3) + 1, 1);
        var report = Verify();
        Assert.Equal([(6L, 84L), (8L, 124L)], report.Faults.Select(f => (f.Offset!.Value, f.Position)));
        Assert.Equal(26, report.RecordCount);
    }

    [Fact]
    public void Verify_should_report_a_lost_segment_a_lost_manifest_and_a_bad_index_alike()
    {
        _disk.Lose(PathOf("00000010.log"));
        _disk.Flip(PathOf("00000015.index"), IndexSlot.EntriesAt + 4, 1);
        _disk.Flip(PathOf("MANIFEST"), 20, 1);
        var faults = Verify().Faults;
        Assert.Contains(faults, f => f.Path.EndsWith("MANIFEST", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.Path.EndsWith("00000010.log", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.Path.EndsWith("00000015.index", StringComparison.Ordinal));
    }

    [Fact]
    public void Verify_should_tell_an_unfinished_commit_from_a_fault()
    {
        using (var file = _disk.Open(PathOf("00000025.log"), FileAccessMode.ReadWrite))
            file.Write(file.LengthBytes, new byte[] { 5, 0, 0, 0x80, 1 });
        var report = Verify();
        Assert.Empty(report.Faults);
        Assert.Equal(5, report.UnfinishedBytes);
    }

    [Fact]
    public void Rebuilt_index_should_be_as_good_as_the_first()
    {
        _disk.Flip(PathOf("00000005.index"), IndexSlot.EntriesAt + 5, 8);
        Assert.Single(Verify().Faults);
        var repaired = LogRepair.RebuildIndex(Dir, 5, Options, _disk);
        Assert.NotNull(_disk.Stat(repaired.KeptIn + "/00000005.index"));
        Assert.Null(repaired.LostFrom);
        Assert.Empty(Verify().Faults);
        AssertHolds(Enumerable.Range(0, 28));
    }

    [Fact]
    public void Cut_tail_should_name_what_is_lost_and_keep_it()
    {
        _disk.Flip(PathOf("00000025.log"), PositionOf(1) + Frame.HeaderBytes + 2, 1);
        Assert.Equal("00000025.log", Path.GetFileName(Assert.Single(Verify().Faults).Path));
        var repaired = LogRepair.CutTail(Dir, Options, _disk);
        Assert.Equal((26L, 27L), (repaired.LostFrom!.Value, repaired.LostTo!.Value));
        Assert.NotNull(_disk.Stat(repaired.KeptIn + "/00000025.log"));
        Assert.Empty(Verify().Faults);
        AssertHolds(Enumerable.Range(0, 26));
    }

    [Fact]
    public void Damage_below_the_watermark_should_keep_the_log_closed_until_it_is_repaired()
    {
        var disk = new SimulatedDisk();
        var log = SegmentedLog.Open(Dir, Options, disk);
        log.Append(Payload(0));
        log.Append(Payload(1));
        log.Commit();
        disk = disk.Kill();
        disk.Flip(PathOf("00000000.log"), PositionOf(1) + Frame.HeaderBytes + 2, 1);
        Assert.Throws<WalDamagedException>(() => SegmentedLog.Open(Dir, Options, disk));
        var report = LogRepair.CutTail(Dir, Options, disk);
        Assert.Equal(
            (1L, 1L, RepairSession.MostRecordsPerSegment),
            (report.LostFrom!.Value, report.LostTo!.Value, report.NextOffset!.Value));
        using var repaired = SegmentedLog.Open(Dir, Options, disk);
        Assert.Equal(Payload(0), repaired.Read(0));
        // Offset 1 was given: no repair gives it again.
        Assert.Equal(RepairSession.MostRecordsPerSegment, repaired.NextOffset);
    }

    [Fact]
    public void Cut_tail_should_leave_a_sound_log_alone()
    {
        Assert.Equal(new RepairReport(null, null, null), LogRepair.CutTail(Dir, Options, _disk));
        AssertHolds(Enumerable.Range(0, 28));
    }

    [Fact]
    public void Segment_set_aside_should_leave_a_gap_that_is_known()
    {
        _disk.Flip(PathOf("00000010.log"), 10, 1);
        var repaired = LogRepair.SetSegmentAside(Dir, 10, Options, _disk);
        Assert.Equal((10L, 14L), (repaired.LostFrom!.Value, repaired.LostTo!.Value));
        Assert.NotNull(_disk.Stat(repaired.KeptIn + "/00000010.log"));
        Assert.Empty(Verify().Faults);
        AssertHolds(Enumerable.Range(0, 10).Concat(Enumerable.Range(15, 13)));
    }

    [Fact]
    public void Active_segment_should_not_be_set_aside() =>
        Assert.Throws<ArgumentException>(() => LogRepair.SetSegmentAside(Dir, 25, Options, _disk));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rebuilt_manifest_should_bring_the_whole_log_back(bool isLost)
    {
        if (isLost) _disk.Lose(PathOf("MANIFEST"));
        else _disk.Flip(PathOf("MANIFEST"), 30, 1);
        Assert.ThrowsAny<WalFaultException>(() => Reopen());
        LogRepair.RebuildManifest(Dir, Options, _disk);
        Assert.Empty(Verify().Faults);
        AssertHolds(Enumerable.Range(0, 28));
    }

    [Fact]
    public void Log_that_lost_its_last_segment_should_be_refused_until_it_is_told_so()
    {
        _disk.Lose(PathOf("00000025.log"));
        Assert.Throws<WalAbsentException>(() => Reopen());
        Assert.NotEmpty(Verify().Faults);
    }

    [Fact]
    public void Repair_should_wait_for_nobody_who_has_the_log_open()
    {
        using var log = SegmentedLog.Open(Dir, Options, _disk);
        Assert.Throws<WalLockedException>(() => LogRepair.CutTail(Dir, Options, _disk));
        Assert.Throws<WalLockedException>(() => LogRepair.RebuildManifest(Dir, Options, _disk));
    }

    private void Reopen() => SegmentedLog.Open(Dir, Options, _disk).Close();

    private sealed class Listener(List<VerifyProgress> seen) : IProgress<VerifyProgress>
    {
        public void Report(VerifyProgress value) => seen.Add(value);
    }

    [Fact]
    public void Segment_set_aside_in_front_of_a_deleted_one_should_leave_a_log_that_opens()
    {
        using (var log = SegmentedLog.Open(Dir, Options, _disk)) log.DeleteSegment("00000020.log");
        LogRepair.SetSegmentAside(Dir, 15, Options, _disk);
        AssertHolds([0, 14, 25, 27]);
    }

    [Fact]
    public void Segment_set_aside_that_the_manifest_does_not_name_should_leave_a_log_that_opens()
    {
        SimulatedDisk killed;
        using (var log = SegmentedLog.Open(Dir, Options, _disk))
        {
            for (var i = 28; i < 43; i++) log.Append(Payload(i));
            log.Commit();
            killed = _disk.Kill();
        }
        LogRepair.SetSegmentAside(Dir, 30, Options, killed);
        using var opened = SegmentedLog.Open(Dir, Options, killed);
        foreach (var i in new[] { 0, 29, 35, 42 }) Assert.Equal(Payload(i), opened.Read(i));
    }
}
