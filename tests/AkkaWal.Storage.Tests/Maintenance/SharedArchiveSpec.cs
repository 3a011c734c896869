using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Maintenance;

/// <summary>
/// A log and a copy of its directory share one archive. Neither reads, replaces or removes segments of the other.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class SharedArchiveSpec : IDisposable
{
    private const string First = "00000000.log";

    /// <summary>A segment size for nearly sixty records, so that 140 make three segments.</summary>
    private const long SixtyRecords = 1000;

    private readonly TemporaryDirectory _temporary = new();
    private readonly List<string> _notes = [];

    private string Origin => _temporary["origin"];

    private string Copy => _temporary["copy"];

    private string Archive => _temporary["archive"];

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Logs_that_archive_after_the_copy_should_each_have_a_place(bool isOriginFirst)
    {
        using (var log = Open(Origin)) Append(log, "common", 2);
        CopyAll(Origin, Copy);
        // The segments have the same salt and lengths, but other records from the third on.
        foreach (var path in new[] { Origin, Copy })
            using (var log = Open(path))
            {
                Append(log, path == Origin ? "origin" : "copied", 2);
                log.SealActive();
            }
        string[] order = isOriginFirst ? [Origin, Copy] : [Copy, Origin];
        var places = new Dictionary<string, string>();
        foreach (var path in order)
            using (var log = Open(path)) places[path] = Path.GetDirectoryName(log.ArchiveSegment(First))!;

        Assert.NotEqual(places[Origin], places[Copy]);
        Assert.Equal(PlaceOf(Origin), places[order[0]]);
        Assert.Equal(["common 0", "common 1", "origin 2", "origin 3"], Records(Origin));
        Assert.Equal(["common 0", "common 1", "copied 2", "copied 3"], Records(Copy));
        // A deletion in the other log changes nothing either.
        using (var log = Open(Copy)) log.DeleteSegment(First);
        Assert.Equal(["common 0", "common 1", "origin 2", "origin 3"], Records(Origin));
        Assert.Equal("OWNER", Path.GetFileName(Assert.Single(Directory.EnumerateFiles(places[Copy]))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Copy_should_read_what_its_origin_archived_and_never_remove_it(bool isCompressed)
    {
        using (var log = Open(Origin))
        {
            Append(log, "origin", 140);
            if (isCompressed) log.CompressSegment(First);
            log.ArchiveSegment(First);
        }
        CopyAll(Origin, Copy);
        var before = DirectorySnapshot.Of(Archive);

        using (var log = Open(Copy))
        {
            Assert.Contains("is a copy of another log's directory", Assert.Single(_notes), StringComparison.Ordinal);
            Assert.Equal("origin 0", Encoding.UTF8.GetString(log.Read(0)));
            log.DeleteSegment(First);
        }
        Assert.Equal(before, DirectorySnapshot.Of(Archive));
        _notes.Clear();
        using (var log = Open(Origin)) Assert.Equal("origin 0", Encoding.UTF8.GetString(log.Read(0)));
        Assert.Empty(_notes);
        Assert.Empty(LogVerifier.Verify(Origin, Options).Faults);
    }

    [Fact]
    public void Marks_that_stood_when_the_copy_was_taken_should_empty_nothing()
    {
        using (var log = Open(Origin))
        {
            Append(log, "origin", 140);
            log.ArchiveSegment(First);
            log.ArchiveSegment(log.Segments[1].File);
        }
        // As if it had been killed right after the MANIFEST was replaced.
        var mark = Path.Combine(Origin, "00000000.archiving");
        File.WriteAllText(mark, "");
        CopyAll(Origin, Copy);
        File.Delete(mark);
        var before = DirectorySnapshot.Of(Archive);
        using (var log = Open(Copy)) log.DeleteSegment(First);
        // Once more, now that the copy has its own identity and its MANIFEST does not call the segment archived.
        File.WriteAllText(Path.Combine(Copy, "00000000.archiving"), "");
        using (var log = Open(Copy)) Assert.Equal("origin 139", Encoding.UTF8.GetString(log.Read(139)));
        Assert.Equal(before, DirectorySnapshot.Of(Archive));
        Assert.Empty(Directory.EnumerateFiles(Copy, "*.archiving*"));
    }

    [Fact]
    public void Mark_that_stood_in_an_interrupted_archiving_should_leave_the_copys_origin_its_only_copy()
    {
        using (var log = Open(Origin)) Append(log, "origin", 140);
        // The copy is made between the mark and the new MANIFEST: its MANIFEST has no archived segment.
        var files = new CopyingFiles(this);
        var options = Options with { Archive = new DirectoryArchive(files, Archive) };
        using (var log = SegmentedLog.Open(Origin, options)) log.ArchiveSegment(First);
        Assert.True(File.Exists(Path.Combine(Copy, First)));
        Assert.True(File.Exists(Path.Combine(Copy, "00000000.archiving")));

        using (var log = Open(Copy))
        {
            Assert.Equal("origin 0", Encoding.UTF8.GetString(log.Read(0)));
            Assert.NotEqual(PlaceOf(Origin), Path.GetDirectoryName(log.ArchiveSegment(First)));
        }
        using (var log = Open(Origin)) Assert.Equal("origin 0", Encoding.UTF8.GetString(log.Read(0)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bytes_of_another_log_should_not_be_served_whoever_put_them_there(bool isCompressed)
    {
        using (var log = Open(Origin)) Append(log, "common", 2);
        CopyAll(Origin, Copy);
        foreach (var path in new[] { Origin, Copy })
            using (var log = Open(path))
            {
                Append(log, path == Origin ? "origin" : "copied", 2);
                for (var i = 0; i < 40; i++) Append(log, "filler that shrinks", 1);
                log.SealActive();
                if (isCompressed) log.CompressSegment(First);
                log.ArchiveSegment(First);
            }
        var name = isCompressed ? "00000000.logz" : First;
        var place = Directory.EnumerateDirectories(Archive).Single(directory => directory != PlaceOf(Origin));
        File.Delete(Path.Combine(PlaceOf(Origin), name));
        File.Copy(Path.Combine(place, name), Path.Combine(PlaceOf(Origin), name));

        using var origin = Open(Origin);
        Assert.ThrowsAny<WalFaultException>(() => origin.Read(2));
        Assert.NotEmpty(LogVerifier.Verify(Origin, Options).Faults);
        // They are not removed either, since they may be another log's only copy.
        origin.DeleteSegment(First);
        Assert.True(File.Exists(Path.Combine(PlaceOf(Origin), name)));
    }

    [Fact]
    public void Copy_should_go_on_archiving_when_its_origin_has_removed_what_both_had()
    {
        using (var log = Open(Origin))
        {
            Append(log, "origin", 140);
            log.ArchiveSegment(First);
        }
        CopyAll(Origin, Copy);
        using (var log = Open(Origin)) log.DeleteSegment(First);
        using var copy = Open(Copy);
        Assert.Throws<WalAbsentException>(() => copy.Read(0));
        copy.ArchiveSegment(copy.Segments[1].File);
        Assert.Equal("origin 70", Encoding.UTF8.GetString(copy.Read(70)));
    }

    [Fact]
    public void Archive_should_replace_nothing_that_is_not_the_same()
    {
        using var log = Open(Origin);
        Append(log, "origin", 140);
        log.ArchiveSegment(log.Segments[1].File);
        var path = Path.Combine(PlaceOf(Origin), First);
        File.WriteAllText(path, "somebody's");
        Assert.Equal(path, Assert.Throws<WalForeignException>(() => log.ArchiveSegment(First)).Path);
        Assert.Equal("somebody's", File.ReadAllText(path));
        Assert.Equal("origin 0", Encoding.UTF8.GetString(log.Read(0)));

        // A leftover of an earlier try is replaced.
        File.Delete(path);
        File.Copy(Path.Combine(Origin, First), path);
        log.ArchiveSegment(First);
        Assert.Equal("origin 0", Encoding.UTF8.GetString(log.Read(0)));
    }

    [Fact]
    public void Moved_directory_should_keep_its_place_and_a_restored_one_should_get_its_places_back_on_request()
    {
        using (var log = Open(Origin))
        {
            Append(log, "origin", 140);
            log.ArchiveSegment(First);
        }
        Directory.Move(Origin, _temporary["moved"]);
        using (var log = Open(_temporary["moved"]))
        {
            Assert.Empty(_notes);
            Assert.Equal(PlaceOf(_temporary["moved"]), Path.GetDirectoryName(log.ArchiveSegment(log.Segments[1].File)));
        }
        // A restored backup is a copy whose origin is gone.
        CopyAll(_temporary["moved"], Copy);
        Directory.Delete(_temporary["moved"], true);
        File.Delete(Path.Combine(PlaceOf(Copy), "OWNER"));
        using (var log = Open(Copy)) log.DeleteSegment(First);
        Assert.False(File.Exists(Path.Combine(PlaceOf(Copy), First)));
    }

    [Fact]
    public void Damaged_identity_should_cost_a_place_and_nothing_else()
    {
        using (var log = Open(Origin))
        {
            Append(log, "origin", 140);
            log.ArchiveSegment(First);
        }
        File.WriteAllText(Path.Combine(Origin, "IDENTITY"), "rotten");
        using (var log = Open(Origin))
        {
            Assert.Equal("origin 0", Encoding.UTF8.GetString(log.Read(0)));
            Assert.NotEqual(PlaceOf(Origin), Path.GetDirectoryName(log.ArchiveSegment(log.Segments[1].File)));
        }
        Assert.Equal(140, Records(Origin).Count);
        Assert.Empty(LogVerifier.Verify(Origin, Options).Faults);
    }

    private WalOptions Options => new()
    {
        MaxSegmentBytes = SixtyRecords,
        Archive = new DirectoryArchive(WalFileSystem.Default, Archive),
    };

    private SegmentedLog Open(string path) => SegmentedLog.Open(path, Options, note: _notes.Add);

    private static void Append(SegmentedLog log, string text, int count)
    {
        for (var i = 0; i < count; i++) log.Append(Encoding.UTF8.GetBytes($"{text} {log.NextOffset}"));
        log.Commit();
    }

    /// <summary>The place named by the log's id.</summary>
    private string PlaceOf(string path)
    {
        var manifest = Manifest.Decode(File.ReadAllBytes(Path.Combine(path, "MANIFEST")), path);
        return Path.Combine(Archive, manifest.LogId.ToString("N"));
    }

    private List<string> Records(string path)
    {
        using var log = Open(path);
        return [.. Enumerable.Range(0, (int)log.CommittedNextOffset).Select(i => Encoding.UTF8.GetString(log.Read(i)))];
    }

    private static void CopyAll(string from, string to)
    {
        using var cp = Process.Start("cp", ["-a", from, to]);
        cp.WaitForExit();
        Assert.Equal(0, cp.ExitCode);
    }

    /// <summary>Copies the log when its index has reached the archive.</summary>
    private sealed class CopyingFiles(SharedArchiveSpec spec) : ForwardingFiles(WalFileSystem.Default)
    {
        public override void MakeReadOnly(string path)
        {
            base.MakeReadOnly(path);
            if (path.EndsWith(".index", StringComparison.Ordinal)) CopyAll(spec.Origin, spec.Copy);
        }
    }
}
