using System.Text;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Maintenance;

/// <summary>
/// Files that a log does not use. Leftovers of an interrupted operation are removed without a note. Files that an
/// operator may need are moved to set-aside/ and reported. If two files have a segment's records, the good one is used.
/// </summary>
public sealed class LeftoverSpec
{
    private const string Dir = "/data/log", Archived = "/data/archive";
    private const int SegmentRecords = 40, RecordCount = 5 * SegmentRecords + 3;
    private const string First = "00000000", Second = "00000040", Active = "00000200";

    private readonly SimulatedDisk _disk = new();
    private readonly List<string> _notes = [];

    public LeftoverSpec()
    {
        using var log = Open();
        for (var i = 0; i < RecordCount; i++)
        {
            log.Append(Payload(i));
            if ((i + 1) % SegmentRecords == 0) log.SealActive();
        }
    }

    private static byte[] Payload(long i) =>
        Encoding.UTF8.GetBytes($"record {i:D5}, which is much the same as the others");

    private static string At(string name) => $"{Dir}/{name}";

    private static string Aside(string name) => $"{Dir}/set-aside/{name}";

    private SegmentedLog Open(SimulatedDisk? disk = null)
    {
        var archive = new DirectoryArchive(disk ?? _disk, Archived);
        return SegmentedLog.Open(Dir, new WalOptions { Archive = archive }, disk ?? _disk, _notes.Add);
    }

    private void AssertHolds(int first = 0, int next = RecordCount)
    {
        using var log = Open();
        for (var i = first; i < next; i++) Assert.Equal(Payload(i), log.Read(i));
        Assert.Equal(RecordCount, log.NextOffset);
    }

    private SegmentState StateOf(string file)
    {
        using var log = Open();
        return log.Segments.Single(segment => segment.File == file).State;
    }

    private void Compress(string stem)
    {
        using var log = Open();
        log.CompressSegment(stem + ".log");
    }

    private void Archive(string stem)
    {
        using var log = Open();
        log.ArchiveSegment(stem + ".log");
    }

    private string PathInArchive(string name)
    {
        var place = Assert.Single(_disk.List(Archived), entry => entry.Kind == WalEntryKind.Directory);
        return $"{Archived}/{place.Name}/{name}";
    }

    [Fact]
    public void Deleted_segment_that_is_put_back_should_be_set_aside_and_named()
    {
        var (log, index) = (_disk.ReadAll(At(First + ".log")), _disk.ReadAll(At(First + ".index")));
        using (var opened = Open()) opened.DeleteSegment(First + ".log");
        _disk.Overwrite(At(First + ".log"), log);
        _disk.Overwrite(At(First + ".index"), index);
        var leftovers = LogVerifier.Verify(Dir, files: _disk).Leftovers;
        Assert.Equal(
            [("S5", At(First + ".log")), ("S5", At(First + ".index"))],
            leftovers.Select(fault => (fault.Row, fault.Path)));

        AssertHolds(SegmentRecords);
        Assert.Equal(log, _disk.ReadAll(Aside(First + ".log")));
        Assert.Equal(index, _disk.ReadAll(Aside(First + ".index")));
        Assert.Equal(2, _notes.Count);
        Assert.Contains(Aside(First + ".log"), _notes[0], StringComparison.Ordinal);
        Assert.Null(_disk.Stat(At(First + ".log")));
    }

    [Fact]
    public void Segment_that_was_set_aside_should_come_back_when_it_is_asked_for()
    {
        var lost = _disk.ReadAll(At(First + ".log"));
        using (var log = Open()) log.TruncateBefore(2 * SegmentRecords);
        _disk.CreateDirectory(At("set-aside"));
        _disk.Overwrite(Aside(First + ".log"), lost);
        LogRepair.PutSegmentBack(Dir, Aside(First + ".log"), files: _disk);
        AssertHolds(0, SegmentRecords);
        AssertHolds(2 * SegmentRecords);
        Assert.Empty(LogVerifier.Verify(Dir, files: _disk).Faults);
        Assert.Empty(_notes);
        // The segment is there now, and the copy is unchanged.
        Assert.Throws<ArgumentException>(() => LogRepair.PutSegmentBack(Dir, Aside(First + ".log"), files: _disk));
        Assert.Equal(lost, _disk.ReadAll(Aside(First + ".log")));
    }

    [Fact]
    public void Segment_of_a_repaired_loss_should_come_back_too_also_with_reserved_space_behind_it()
    {
        const int ReservedBytes = 1000;
        var found = _disk.ReadAll(At(Active + ".log"));
        _disk.Lose(At(Active + ".log"));
        var next = LogRepair.ReplaceActive(Dir, files: _disk).NextOffset!.Value;
        _disk.CreateDirectory("/backup");
        _disk.Overwrite($"/backup/{Active}.log", [.. found, .. new byte[ReservedBytes]]);
        LogRepair.PutSegmentBack(Dir, $"/backup/{Active}.log", files: _disk);
        using var log = Open();
        for (var i = 0; i < RecordCount; i++) Assert.Equal(Payload(i), log.Read(i));
        Assert.Equal(next, log.NextOffset);
    }

    [Fact]
    public void Copy_that_is_damaged_or_of_another_log_should_not_be_put_back()
    {
        var copy = _disk.ReadAll(At(First + ".log"));
        using (var log = Open()) log.DeleteSegment(First + ".log");
        _disk.CreateDirectory("/backup");
        _disk.Overwrite($"/backup/{First}.log", copy);
        _disk.Flip($"/backup/{First}.log", 100, 1);
        Assert.Throws<WalDamagedException>(() => LogRepair.PutSegmentBack(Dir, $"/backup/{First}.log", files: _disk));
        var other = new LeftoverSpec();
        _disk.Overwrite($"/backup/{First}.log", other._disk.ReadAll(At(First + ".log")));
        Assert.Throws<WalForeignException>(() => LogRepair.PutSegmentBack(Dir, $"/backup/{First}.log", files: _disk));
        AssertHolds(SegmentRecords);
        Assert.Empty(_notes);
    }

    [Fact]
    public void Interrupted_deletion_should_be_finished_without_a_word()
    {
        SimulatedDisk? crashed = null;
        using (var log = Open())
        {
            _disk.AfterOperation = o => crashed ??= o.Kind == DiskOperationKind.Rename
                && o.Name.EndsWith("MANIFEST", StringComparison.Ordinal) ? _disk.Kill() : null;
            log.TruncateBefore(2 * SegmentRecords);
            _disk.AfterOperation = null;
        }
        Assert.NotNull(crashed!.Stat(At(Second + ".log")));
        Assert.NotNull(crashed.Stat(At("DELETING")));
        using (var log = Open(crashed)) Assert.Equal(2 * SegmentRecords, log.StartOffset);
        Assert.Empty(_notes);
        Assert.DoesNotContain(
            crashed.List(Dir), entry => entry.Name is First + ".log" or Second + ".index" or "DELETING" or "set-aside");
    }

    [Fact]
    public void Deletion_that_was_answered_should_leave_no_note_that_a_power_cut_brings_back()
    {
        using (var log = Open()) log.DeleteSegment(First + ".log");
        for (var seed = 0; seed < 50; seed++)
            Assert.DoesNotContain(_disk.PowerCut(new Random(seed)).List(Dir), entry => entry.Name == "DELETING");
    }

    [Fact]
    public void Note_of_a_deletion_that_did_not_happen_should_go_though_another_leftover_stays()
    {
        var kept = _disk.ReadAll(At(First + ".log"));
        _disk.Overwrite(At("DELETING"), Encoding.ASCII.GetBytes(First + ".log\n"));
        _disk.Overwrite(At(Second + ".log.tmp"), [1]);
        _disk.Faults = operation =>
            operation is { Kind: DiskOperationKind.Delete, Name: Second + ".log.tmp" } ? DiskFault.NoSpace : null;
        AssertHolds();
        Assert.Null(_disk.Stat(At("DELETING")));

        // Archive it again first, so that the file that is put back is not taken for a leftover of the deletion.
        Archive(First);
        using (var log = Open()) log.DeleteSegment(First + ".log");
        _disk.Overwrite(At(First + ".log"), kept);
        AssertHolds(SegmentRecords);
        Assert.Equal(kept, _disk.ReadAll(Aside(First + ".log")));
    }

    [Fact]
    public void Good_log_beside_a_rotten_compressed_one_should_be_the_segment()
    {
        var log = _disk.ReadAll(At(First + ".log"));
        Compress(First);
        _disk.Flip(At(First + ".logz"), _disk.ReadAll(At(First + ".logz")).Length - 5, 1);
        _disk.Overwrite(At(First + ".log"), log);
        AssertHolds();
        Assert.Contains(Aside(First + ".logz"), Assert.Single(_notes), StringComparison.Ordinal);
        Assert.NotNull(_disk.Stat(Aside(First + ".logz")));
        Assert.Equal(SegmentState.Sealed, StateOf(First + ".log"));
        AssertHolds();
        Assert.Single(_notes);
    }

    [Fact]
    public void Good_log_in_place_of_a_lost_compressed_one_should_be_the_segment()
    {
        var log = _disk.ReadAll(At(First + ".log"));
        Compress(First);
        _disk.Lose(At(First + ".logz"));
        Assert.Throws<WalAbsentException>(() => Open());
        _disk.Overwrite(At(First + ".log"), log);
        AssertHolds();
        Assert.Equal(SegmentState.Sealed, StateOf(First + ".log"));
    }

    [Fact]
    public void Good_compressed_file_beside_a_rotten_log_should_be_the_segment()
    {
        var log = _disk.ReadAll(At(First + ".log"));
        Compress(First);
        var compressed = _disk.ReadAll(At(First + ".logz"));
        // As before the MANIFEST was replaced, with a damaged log file.
        _disk.Lose(At(First + ".logz"));
        _disk.Overwrite(At(First + ".log"), log);
        AssertHolds();
        _disk.Overwrite(At(First + ".logz"), compressed);
        _disk.Flip(At(First + ".log"), 100, 1);
        AssertHolds();
        Assert.Equal(SegmentState.Sealed | SegmentState.Compressed, StateOf(First + ".log"));
        Assert.NotNull(_disk.Stat(Aside(First + ".log")));
    }

    [Fact]
    public void Second_good_file_of_a_segment_should_go_without_a_word()
    {
        var log = _disk.ReadAll(At(First + ".log"));
        Compress(First);
        _disk.Overwrite(At(First + ".log"), log);
        AssertHolds();
        Assert.Empty(_notes);
        Assert.Null(_disk.Stat(At(First + ".log")));
        Assert.Equal(SegmentState.Sealed | SegmentState.Compressed, StateOf(First + ".log"));
    }

    [Fact]
    public void File_of_another_life_or_another_log_beside_a_good_one_should_be_set_aside()
    {
        Compress(First);
        var other = new LeftoverSpec()._disk.ReadAll(At(First + ".log"));
        _disk.Overwrite(At(First + ".log"), other);
        AssertHolds();
        Assert.Single(_notes);
        Assert.Equal(other, _disk.ReadAll(Aside(First + ".log")));
    }

    [Fact]
    public void Segment_that_the_archive_lost_should_be_read_from_a_good_file_beside_the_log()
    {
        var log = _disk.ReadAll(At(First + ".log"));
        Archive(First);
        _disk.Overwrite(At(First + ".log"), log);
        // While the archive has the segment, the local file is a second copy.
        AssertHolds();
        Assert.Empty(_notes);
        Assert.Null(_disk.Stat(At(First + ".log")));

        _disk.Lose(PathInArchive(First + ".log"));
        _disk.Overwrite(At(First + ".log"), log);
        AssertHolds();
        Assert.Equal(SegmentState.Sealed, StateOf(First + ".log"));
        AssertHolds();
    }

    [Fact]
    public void File_of_an_archived_segment_should_stay_as_long_as_the_archive_is_out_of_reach()
    {
        var log = _disk.ReadAll(At(First + ".log"));
        Archive(First);
        _disk.Overwrite(At(First + ".log"), log);
        using (SegmentedLog.Open(Dir, new WalOptions(), _disk, _notes.Add))
        {
        }
        Assert.Contains(First + ".log", Assert.Single(_notes), StringComparison.Ordinal);
        Assert.Equal(log, _disk.ReadAll(At(First + ".log")));
        AssertHolds();
        Assert.Null(_disk.Stat(At(First + ".log")));
    }

    [Fact]
    public void Stray_index_should_be_set_aside_and_one_that_a_roll_made_should_go()
    {
        _disk.Overwrite(At("00000999.index"), [1, 2, 3]);
        AssertHolds();
        Assert.Contains("00000999.index", Assert.Single(_notes), StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], _disk.ReadAll(Aside("00000999.index")));
    }

    [Fact]
    public void File_that_does_not_fit_into_set_aside_should_stay_where_it_is()
    {
        var log = _disk.ReadAll(At(First + ".log"));
        using (var opened = Open()) opened.DeleteSegment(First + ".log");
        _disk.CreateDirectory(At("set-aside"));
        for (var i = 0; i < SetAside.MaxFiles; i++) _disk.Overwrite(Aside($"{i}.bin"), [1]);
        _disk.Overwrite(At(First + ".log"), log);
        AssertHolds(SegmentRecords);
        Assert.Contains("is full", Assert.Single(_notes), StringComparison.Ordinal);
        Assert.Equal(log, _disk.ReadAll(At(First + ".log")));
        Assert.Equal(SetAside.MaxFiles, _disk.List(At("set-aside")).Count);
    }
}
