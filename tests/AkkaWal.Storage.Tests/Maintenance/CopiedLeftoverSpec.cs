using System.Text;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Maintenance;

/// <summary>
/// Leftovers of an interrupted operation in a log and in a copy of its directory, with one archive. A file beside the
/// log is never replaced by an archived one that another log may remove, and never taken for the segment's because
/// another log has the same salt. Files that a deletion was about to remove are removed if they are this log's.
/// </summary>
public sealed class CopiedLeftoverSpec
{
    private const string Origin = "/data/origin", Copy = "/data/copy", CopyOfCopy = "/data/copy-of-copy";
    private const string Archived = "/data/archive", First = "00000000";
    private const int SegmentRecords = 40;

    private SimulatedDisk _disk = new();
    private readonly List<string> _notes = [];

    private static byte[] Payload(string by, long i) =>
        Encoding.UTF8.GetBytes($"record {i:D5} {by}, which is much the same as the others");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Copy_should_keep_its_own_file_of_a_segment_that_is_in_its_origins_place(bool isCompressed)
    {
        var name = Make(Origin, isCompressed);
        var bytes = _disk.ReadAll($"{Origin}/{name}");
        Do(Origin, log => log.ArchiveSegment(First + ".log"));
        // As if the origin had been killed after the MANIFEST was replaced.
        _disk.Overwrite($"{Origin}/{name}", bytes);
        _disk.CopyDirectory(Origin, Copy);

        AssertHolds(Origin);
        Assert.Null(_disk.Stat($"{Origin}/{name}"));
        Assert.Empty(_notes);
        AssertHolds(Copy);
        Assert.Contains("in another log's place in the archive", _notes[0], StringComparison.Ordinal);
        Assert.EndsWith($": {Archived}/{Assert.Single(_disk.List(Archived)).Name}/{name}", _notes[0]);
        _notes.Clear();

        Do(Origin, log => log.DeleteSegment(First + ".log"));
        AssertHolds(Copy);
        Assert.DoesNotContain(_notes, note => !note.Contains("is a copy", StringComparison.Ordinal));
        Do(Copy, log => Assert.Equal(isCompressed, log.Segments[0].IsCompressed));
        // The same without the archive.
        Do(Copy, AssertHolds, hasArchive: false);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Owner_of_a_copy_should_take_over_its_own_file_of_a_segment_that_is_in_its_origins_place(
        bool isCompressed)
    {
        var name = Make(Origin, isCompressed);
        var bytes = _disk.ReadAll($"{Origin}/{name}");
        Do(Origin, log => log.ArchiveSegment(First + ".log"));
        _disk.Overwrite($"{Origin}/{name}", bytes);
        _disk.CopyDirectory(Origin, Copy);
        Do(Copy, AssertHolds, owner: "a");
        Do(Copy, AssertHolds, owner: "b");
        Do(Origin, log => log.DeleteSegment(First + ".log"));
        Do(Copy, AssertHolds, owner: "c");
        Assert.Equal(bytes, _disk.ReadAll($"{Copy}/epochs/3/{name}"));
    }

    [Fact]
    public void Copy_should_keep_its_own_file_where_the_archive_is_out_of_reach()
    {
        Make(Origin, isCompressed: false);
        var bytes = _disk.ReadAll($"{Origin}/{First}.log");
        Do(Origin, log => log.ArchiveSegment(First + ".log"));
        _disk.CopyDirectory(Origin, Copy);
        _disk.Overwrite($"{Copy}/{First}.log", bytes);
        Do(Copy, AssertHolds, hasArchive: false);
    }

    [Fact]
    public void File_of_a_copys_records_should_be_set_aside_though_it_has_the_same_salt_and_size()
    {
        Diverge();
        Do(Origin, log => log.CompressSegment(First + ".log"));
        var foreign = _disk.ReadAll($"{Copy}/{First}.log");
        _disk.Overwrite($"{Origin}/{First}.log", foreign);
        AssertHolds(Origin);
        Assert.Contains("other records", Assert.Single(_notes), StringComparison.Ordinal);
        Assert.Equal(foreign, _disk.ReadAll($"{Origin}/set-aside/{First}.log"));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void File_of_a_copys_records_should_not_be_served_for_one_that_the_archive_lost(
        bool isArchivedCompressed, bool isPutCompressed)
    {
        Diverge();
        var own = _disk.ReadAll($"{Origin}/{First}.log");
        if (isPutCompressed) Do(Copy, log => log.CompressSegment(First + ".log"));
        var name = First + (isPutCompressed ? ".logz" : ".log");
        var foreign = _disk.ReadAll($"{Copy}/{name}");
        if (isArchivedCompressed) Do(Origin, log => log.CompressSegment(First + ".log"));
        if (isPutCompressed) own = _disk.ReadAll($"{Origin}/{name}");
        Do(Origin, log => log.ArchiveSegment(First + ".log"));
        var place = Assert.Single(_disk.List(Archived)).Name;
        _disk.Lose($"{Archived}/{place}/{First}{(isArchivedCompressed ? ".logz" : ".log")}");

        _disk.Overwrite($"{Origin}/{name}", foreign);
        Do(Origin, log => Assert.Throws<WalAbsentException>(() => log.Read(SegmentRecords - 1)));
        var isComparable = isArchivedCompressed == isPutCompressed;
        Assert.Equal(isComparable ? $"set-aside/{name}" : name, Find(Origin, name));
        Assert.NotEmpty(_notes);
        if (!isComparable) return;
        _disk.Overwrite($"{Origin}/{name}", own);
        AssertHolds(Origin);
    }

    [Fact]
    public void File_that_nothing_proves_should_come_back_when_a_person_asks_for_it_as_the_note_says()
    {
        Make(Origin, isCompressed: false);
        var own = _disk.ReadAll($"{Origin}/{First}.log");
        Do(Origin, log => log.CompressSegment(First + ".log"));
        Do(Origin, log => log.ArchiveSegment(First + ".log"));
        _disk.Lose($"{Archived}/{Assert.Single(_disk.List(Archived)).Name}/{First}.logz");
        _disk.Overwrite($"{Origin}/{First}.log", own);
        Do(Origin, log => log.DeleteSegment(First + ".log"));
        Assert.Contains("LogRepair.PutSegmentBack", Assert.Single(_notes), StringComparison.Ordinal);
        Do(Origin, log => Assert.Equal(SegmentRecords, log.StartOffset));

        LogRepair.PutSegmentBack(Origin, $"{Origin}/set-aside/{First}.log", files: _disk);
        Do(Origin, log => Assert.Equal(0, log.StartOffset));
        AssertHolds(Origin);
    }

    [Fact]
    public void Copy_should_archive_nothing_into_an_empty_mount_point()
    {
        Make(Origin, isCompressed: false);
        Do(Origin, log => log.ArchiveSegment(First + ".log"));
        _disk.CopyDirectory(Origin, Copy);
        _disk.MoveDirectory(Archived, "/data/unmounted");
        _disk.CreateDirectory(Archived);
        Do(Copy, log => Assert.Throws<WalIOException>(() => log.ArchiveSegment(log.Segments[1].File)));
        Assert.Empty(_disk.List(Archived));
        _disk.MoveDirectory(Archived, "/data/mount-point");
        _disk.MoveDirectory("/data/unmounted", Archived);
        Do(Copy, log => log.ArchiveSegment(log.Segments[1].File));
        AssertHolds(Copy);
    }

    /// <summary>
    /// A copy truncates a segment in its origin's place and one in its own, a compressed and a plain one, and the power
    /// is cut after each step. The result, with DELETING and its marks, is copied, and either is opened first.
    /// </summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Interrupted_truncation_of_a_copy_should_be_all_or_nothing_in_each_log_and_leave_no_trace(
        bool isPowerCut, bool isCopyOfCopyFirst)
    {
        Make(Origin, isCompressed: false);
        Do(Origin, log => log.ArchiveSegment(First + ".log"));
        _disk.CopyDirectory(Origin, Copy);
        Do(Copy, log =>
        {
            log.ArchiveSegment(log.Segments[1].File);
            log.CompressSegment(log.Segments[2].File);
        });
        var (before, random) = (_disk, new Random(1));
        var (happened, stepCount) = (0, 0);
        for (var isDone = false; !isDone; stepCount++)
        {
            _disk = before.PowerCut(random);
            var (at, left) = (stepCount, default(SimulatedDisk));
            Do(Copy, log =>
            {
                var disk = _disk;
                disk.AfterOperation = _ =>
                {
                    if (at-- == 0) left = isPowerCut ? disk.PowerCut(random) : disk.Kill();
                };
                log.TruncateBefore(4 * SegmentRecords);
                disk.AfterOperation = null;
            });
            isDone = left is null;
            _disk = left ?? _disk;
            _notes.Clear();

            _disk.CopyDirectory(Copy, CopyOfCopy);
            long start = -1;
            foreach (var path in isCopyOfCopyFirst ? [CopyOfCopy, Copy, CopyOfCopy] : new[] { Copy, CopyOfCopy, Copy })
            {
                Do(path, log =>
                {
                    if (start < 0) start = log.StartOffset;
                    Assert.Equal(start, log.StartOffset);
                    AssertHolds(log);
                });
                Assert.DoesNotContain(_disk.List(path).Select(entry => entry.Name), name =>
                    name is "DELETING" or "set-aside" || name.Contains(".archiving", StringComparison.Ordinal));
            }
            Assert.True(start is 0 or 4 * SegmentRecords);
            Assert.DoesNotContain(_notes, note => !note.Contains("is a copy", StringComparison.Ordinal));
            AssertHolds(Origin);
            happened += start > 0 ? 1 : 0;
        }
        Assert.True(happened > 3 && stepCount - happened > 3, $"{happened} of {stepCount}");
    }

    /// <summary>A log of five segments and a tail.</summary>
    /// <returns>The file name of the first segment.</returns>
    private string Make(string path, bool isCompressed)
    {
        Do(path, log =>
        {
            for (var segment = 0; segment < 5; segment++)
            {
                Append(log, "common", SegmentRecords);
                log.SealActive();
            }
            Append(log, "common", 3);
            if (isCompressed) log.CompressSegment(First + ".log");
        });
        return First + (isCompressed ? ".logz" : ".log");
    }

    // Both get a segment with the same salt, size and offsets, but with different second halves.
    private void Diverge()
    {
        Do(Origin, log => Append(log, "common", SegmentRecords / 2));
        _disk.CopyDirectory(Origin, Copy);
        foreach (var path in new[] { Origin, Copy })
        {
            Do(path, log =>
            {
                Append(log, path == Origin ? "common" : "others", SegmentRecords / 2);
                log.SealActive();
            });
        }
        Assert.Equal(_disk.ReadAll($"{Origin}/{First}.log").Length, _disk.ReadAll($"{Copy}/{First}.log").Length);
    }

    private static void Append(SegmentedLog log, string by, int count)
    {
        for (var i = 0; i < count; i++) log.Append(Payload(by, log.NextOffset));
        log.Commit();
    }

    private void Do(string path, Action<SegmentedLog> use, bool hasArchive = true, string owner = "")
    {
        var archive = hasArchive ? new DirectoryArchive(_disk, Archived) : null;
        var options = new WalOptions { Archive = archive, Owner = owner };
        using var log = SegmentedLog.Open(path, options, _disk, _notes.Add);
        use(log);
    }

    private void AssertHolds(string path) => Do(path, AssertHolds);

    private static void AssertHolds(SegmentedLog log)
    {
        for (var i = log.StartOffset; i < log.CommittedNextOffset; i++) Assert.Equal(Payload("common", i), log.Read(i));
    }

    private string Find(string path, string name) =>
        _disk.Stat($"{path}/{name}") is not null ? name : $"set-aside/{_disk.List($"{path}/set-aside").Single().Name}";
}
