using System.Diagnostics;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests;

/// <summary>
/// Reading a log that has no writer, is damaged, or loses segments while it is read. Reading never writes anything.
/// </summary>
public sealed class ReadOnlySpec : IDisposable
{
    /// <summary>Segment sizes for so many records of up to a hundred bytes.</summary>
    private const long FewRecords = 200, SomeRecords = 1000, ManyRecords = 2000, AllRecords = 1 << 20;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static byte[] Payload(long i) => [.. BitConverter.GetBytes(i), .. new byte[i % 90]];

    private SegmentedLog OpenLog(
        long maxSegmentBytes = SomeRecords, FlushPolicy flush = FlushPolicy.Always, ISegmentArchive? archive = null) =>
        SegmentedLog.Open(
            _directory.Path, new WalOptions { MaxSegmentBytes = maxSegmentBytes, Flush = flush, Archive = archive });

    // A reader through a file system that refuses every change.
    private LogReader OpenReader(ISegmentArchive? archive = null) =>
        LogReader.Open(
            _directory.Path, new LogReaderOptions { Archive = archive }, new ReadOnlyFiles(WalFileSystem.Default));

    private static void AppendUpTo(SegmentedLog log, long nextOffset)
    {
        while (log.NextOffset < nextOffset) log.Append(Payload(log.NextOffset));
        log.Commit();
    }

    /// <summary>A copy of the directory, without a lock, as a process that died leaves it.</summary>
    private TemporaryDirectory CopyOfTheDirectory()
    {
        var copy = new TemporaryDirectory();
        foreach (var file in Directory.EnumerateFiles(_directory.Path)
            .Where(path => !path.EndsWith("LOCK", StringComparison.Ordinal)))
            File.Copy(file, copy[Path.GetFileName(file)]);
        return copy;
    }

    private static List<string> Contents(string directory) =>
        [.. Directory.EnumerateFiles(directory).Where(path => !path.EndsWith("LOCK", StringComparison.Ordinal)).Order()
            .Select(path =>
                $"{path} {File.GetLastWriteTimeUtc(path).Ticks} {Convert.ToHexString(File.ReadAllBytes(path))}")];

    private static void Damage(string file, long position)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[position] ^= 1;
        // Sealed files are read-only.
        File.Delete(file);
        File.WriteAllBytes(file, bytes);
    }

    private static void AssertReads(LogReader reader, long first, long next)
    {
        for (var offset = first; offset < next; offset++) Assert.Equal(Payload(offset), reader.Read(offset));
        Assert.Throws<WalNotFoundException>(() => reader.Read(next));
    }

    [Fact]
    public void Log_without_a_writer_should_be_read_to_its_valid_end_and_say_what_is_durable()
    {
        using var log = OpenLog(AllRecords, FlushPolicy.OsCache);
        AppendUpTo(log, 6);
        log.Sync();
        AppendUpTo(log, 10);
        using (var beside = OpenReader())
            Assert.Equal((true, 6, 6), (beside.HasWriter, beside.NextOffset, beside.DurableNextOffset));

        using var copy = CopyOfTheDirectory();
        var before = Contents(copy.Path);
        using (var reader = LogReader.Open(copy.Path, files: new ReadOnlyFiles(WalFileSystem.Default)))
        {
            Assert.Equal((false, 10, 6), (reader.HasWriter, reader.NextOffset, reader.DurableNextOffset));
            Assert.Null(reader.Damage);
            AssertReads(reader, 0, 10);
        }
        Assert.Equal(before, Contents(copy.Path));
    }

    [Fact]
    public void Torn_tail_should_end_what_is_read_and_stay_where_it_is()
    {
        using var log = OpenLog(AllRecords, FlushPolicy.OsCache);
        AppendUpTo(log, 5);
        using var copy = CopyOfTheDirectory();
        File.AppendAllText(copy["00000000.log"], "half a frame that a crash tore");
        var before = Contents(copy.Path);
        using (var reader = LogReader.Open(copy.Path, files: new ReadOnlyFiles(WalFileSystem.Default)))
        {
            Assert.Null(reader.Damage);
            AssertReads(reader, 0, 5);
        }
        Assert.Equal(before, Contents(copy.Path));
    }

    [Fact]
    public void Reader_should_notice_a_writer_that_comes_and_one_that_goes()
    {
        OpenLog(AllRecords, FlushPolicy.OsCache).Close();
        using var reader = OpenReader();
        Assert.False(reader.HasWriter);
        using (var log = OpenLog(AllRecords, FlushPolicy.OsCache))
        {
            AppendUpTo(log, 4);
            reader.Refresh();
            Assert.Equal((true, 0), (reader.HasWriter, reader.NextOffset));
            Assert.Throws<WalNotFoundException>(() => reader.Read(0));
        }
        AssertReads(reader, 0, 4);
        Assert.Equal((false, 4), (reader.HasWriter, reader.DurableNextOffset));
        // After three more openings of the log, without a refresh in between.
        for (var life = 1; life <= 3; life++)
            using (var log = OpenLog(FewRecords)) AppendUpTo(log, 4 + 10 * life);
        AssertReads(reader, 0, 34);
    }

    [Fact]
    public void Probe_for_a_writer_should_not_keep_one_out()
    {
        OpenLog().Close();
        using var stop = new CancellationTokenSource();
        var probes = 0;
        // A separate thread, since a thread of the pool may start too late.
        var prober = Task.Factory.StartNew(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                WalFileSystem.Default.IsLocked(_directory["LOCK"]);
                Interlocked.Increment(ref probes);
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var limit = Stopwatch.StartNew();
        for (var i = 0; i < 300 || (Volatile.Read(ref probes) <= 100 && limit.Elapsed < TimeSpan.FromSeconds(20)); i++)
            OpenLog().Close();
        stop.Cancel();
        prober.Wait();
        Assert.True(probes > 100);
        using var log = OpenLog();
        Assert.True(WalFileSystem.Default.IsLocked(_directory["LOCK"]));
        Assert.Throws<WalLockedException>(() => OpenLog());
    }

    [Fact]
    public void Reader_should_follow_deletions_beside_the_writer()
    {
        using var log = OpenLog();
        AppendUpTo(log, 100);
        using var reader = OpenReader();
        using var cursor = reader.Scan(0);
        Assert.True(cursor.MoveNext());
        AssertReads(reader, 0, 100);
        var (second, third) = (log.Segments[1], log.Segments[2]);
        log.TruncateBefore(second.StartOffset);
        reader.Refresh();
        Assert.Equal(second.StartOffset, reader.StartOffset);
        Assert.Throws<WalNotFoundException>(() => reader.Read(0));
        // A reader that never refreshed notices the deletion when it needs the file.
        using var late = OpenReader();
        log.DeleteSegment(third.File);
        Assert.Throws<WalNotFoundException>(() => late.Read(third.StartOffset));
        using var lateCursor = OpenReader().Scan(second.StartOffset, GapPolicy.Skip);
        log.DeleteSegment(second.File);
        Assert.True(lateCursor.MoveNext());
        Assert.Equal(third.EndOffset + 1, lateCursor.Offset);
        AppendUpTo(log, 200);
        AssertReads(reader, third.EndOffset + 1, 200);
    }

    [Fact]
    public void Reader_should_follow_compression_and_archiving_beside_the_writer()
    {
        using var place = new TemporaryDirectory();
        var archive = new DirectoryArchive(WalFileSystem.Default, place.Path);
        using var log = OpenLog(ManyRecords, archive: archive);
        AppendUpTo(log, 200);
        using var reader = OpenReader(archive);
        using var cursor = reader.Scan(0);
        log.CompressSegment(log.Segments[0].File);
        log.ArchiveSegment(log.Segments[0].File);
        log.ArchiveSegment(log.Segments[1].File);
        log.CompressSegment(log.Segments[2].File);
        AssertReads(reader, 0, 200);
        for (var offset = 0; offset < 200; offset++) Assert.True(cursor.MoveNext() && cursor.Offset == offset);
    }

    public static TheoryData<string> Damages =>
    [
        "below the watermark", "no successor", "no MANIFEST", "bad MANIFEST", "no active segment",
        "no sealed segment", "a gap",
    ];

    [Theory]
    [MemberData(nameof(Damages))]
    public void Damaged_log_should_be_read_as_far_as_it_goes_and_say_what_is_wrong(string what)
    {
        IReadOnlyList<SegmentInfo> segments;
        using (var log = OpenLog())
        {
            AppendUpTo(log, 100);
            segments = log.Segments;
        }
        var (readable, unreadable, culprit) = Break(what, segments);
        var before = Contents(_directory.Path);
        Assert.ThrowsAny<WalFaultException>(() => OpenLog());
        using (var reader = OpenReader())
        {
            Assert.EndsWith(culprit, reader.Damage?.Path, StringComparison.Ordinal);
            for (var offset = 0L; offset < readable; offset++) Assert.Equal(Payload(offset), reader.Read(offset));
            Assert.ThrowsAny<Exception>(() => reader.Read(unreadable));
            Assert.True(reader.DurableNextOffset <= reader.NextOffset);
            reader.Refresh();
            Assert.NotNull(reader.Damage);
        }
        Assert.Equal(before, Contents(_directory.Path));
    }

    /// <returns>The end of the readable records, one offset that can't be read, and the file at fault.</returns>
    private (long Readable, long Unreadable, string Culprit) Break(string what, IReadOnlyList<SegmentInfo> segments)
    {
        var (active, last, second) = (segments[^1], segments[^2], segments[1]);
        switch (what)
        {
            case "below the watermark":
                File.AppendAllText(_directory[active.File], "not a clean stop");
                Damage(_directory[active.File], SegmentHeader.SizeBytes + Frame.HeaderBytes + 1);
                return (active.StartOffset, active.StartOffset, active.File);
            case "no successor":
                // The MANIFEST is that before the last roll, so that only the mark shows the loss.
                File.Delete(_directory[active.File]);
                File.Delete(_directory["MANIFEST"]);
                LogRepair.RebuildManifest(_directory.Path);
                return (active.StartOffset, active.StartOffset, active.File);
            case "no MANIFEST":
                File.Delete(_directory["MANIFEST"]);
                return (100, 100, "MANIFEST");
            case "bad MANIFEST":
                Damage(_directory["MANIFEST"], 33);
                return (100, 100, "MANIFEST");
            case "no active segment":
                File.Delete(_directory[active.File]);
                return (active.StartOffset, active.StartOffset, active.File);
            case "no sealed segment":
                File.Delete(_directory[second.File]);
                return (second.StartOffset, second.StartOffset, second.File);
            default:
                // The MANIFEST has neither segment.
                File.Delete(_directory["MANIFEST"]);
                File.Delete(_directory[last.File]);
                return (last.StartOffset, last.StartOffset, "MANIFEST");
        }
    }

    /// <summary>A file system that refuses every change.</summary>
    private sealed class ReadOnlyFiles(IWalFileSystem files) : ForwardingFiles(files)
    {
        public override IWalFile Open(string path, FileAccessMode mode) =>
            mode is FileAccessMode.Read or FileAccessMode.ReadMapped ? base.Open(path, mode) : throw Refused(path);

        public override void CreateDirectory(string path) => throw Refused(path);

        public override void Rename(string path, string newPath) => throw Refused(path);

        public override void Delete(string path) => throw Refused(path);

        public override void DeleteDirectory(string path) => throw Refused(path);

        public override void MakeReadOnly(string path) => throw Refused(path);

        public override void SyncDirectory(string path) => throw Refused(path);

        public override IWalLock Lock(string path) => throw Refused(path);

        private static InvalidOperationException Refused(string path) => new($"{path} was to be changed");
    }
}
