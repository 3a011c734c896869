using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests;

/// <summary>Reading a log that has a writer, without its lock.</summary>
public sealed class LogReaderSpec : IDisposable
{
    /// <summary>Segment sizes for so many records of up to a hundred bytes.</summary>
    private const long SomeRecords = 1000, ManyRecords = 5000, ThousandsOfRecords = 400_000, AllRecords = 1 << 20;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static byte[] Payload(long i) => [.. BitConverter.GetBytes(i), .. new byte[i % 90]];

    private SegmentedLog OpenLog(long maxSegmentBytes = SomeRecords, FlushPolicy flush = FlushPolicy.Always) =>
        SegmentedLog.Open(_directory.Path, new WalOptions { MaxSegmentBytes = maxSegmentBytes, Flush = flush });

    private static void AppendUpTo(SegmentedLog log, long nextOffset)
    {
        while (log.NextOffset < nextOffset) log.Append(Payload(log.NextOffset));
        log.Commit();
    }

    private static List<long> ScanAll(LogCursor cursor)
    {
        var seen = new List<long>();
        while (cursor.MoveNext())
        {
            Assert.Equal(Payload(cursor.Offset), cursor.Payload.ToArray());
            seen.Add(cursor.Offset);
        }
        return seen;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reader_should_see_what_is_durable_and_follow_rolls_beside_the_writer(bool isMapped)
    {
        using var log = OpenLog();
        AppendUpTo(log, 5);
        using var reader = LogReader.Open(_directory.Path, new LogReaderOptions { MapSegments = isMapped });
        Assert.Equal(5, reader.NextOffset);
        for (var next = 6L; next <= 300; next++)
        {
            AppendUpTo(log, next);
            Assert.Equal(Payload(next - 1), reader.Read(next - 1));
            Assert.Equal(Payload(next / 2), reader.Read(next / 2));
            Assert.Throws<WalNotFoundException>(() => reader.Read(next));
        }
        Assert.True(log.Segments.Count > 5);
        Assert.Throws<WalNotFoundException>(() => reader.Read(-1));
    }

    [Fact]
    public void Reader_should_not_show_what_a_power_cut_could_take_back()
    {
        using var log = OpenLog(AllRecords, FlushPolicy.OsCache);
        AppendUpTo(log, 10);
        using var reader = LogReader.Open(_directory.Path);
        Assert.Equal(0, reader.NextOffset);
        log.Sync();
        Assert.Equal(Payload(9), reader.Read(9));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reader_should_bound_what_it_holds_open(bool isMapped)
    {
        using (var log = OpenLog(ManyRecords)) AppendUpTo(log, 2000);
        using var reader = LogReader.Open(
            _directory.Path, new LogReaderOptions { MaxOpenSegments = 3, MapSegments = isMapped });
        var random = new Random(1);
        Parallel.For(0, 4000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            long offset;
            lock (random) offset = random.Next(2000);
            Assert.Equal(Payload(offset), reader.Read(offset));
            Assert.InRange(reader.OpenSegments, 0, 3);
        });
        using var frugal = LogReader.Open(
            _directory.Path, new LogReaderOptions { MaxIndexBytes = 0, MapSegments = isMapped });
        for (var offset = 0; offset < 2000; offset += 7) Assert.Equal(Payload(offset), frugal.Read(offset));
        Assert.Equal((true, 0L), (frugal.OpenSegments > 1, frugal.IndexBytes));
    }

    [Fact]
    public void Indexes_that_nobody_needs_any_more_should_make_room_for_others()
    {
        // Five segments of about 7,000 records of different sizes. Each index takes 14 KiB.
        const int RoomForOneIndex = 20_000;
        using (var log = OpenLog(ThousandsOfRecords, FlushPolicy.OsCache)) AppendUpTo(log, 35_000);
        using var reader = LogReader.Open(_directory.Path, new LogReaderOptions { MaxIndexBytes = RoomForOneIndex });
        for (var offset = 0L; offset < 6000; offset++) Assert.Equal(Payload(offset), reader.Read(offset));
        var first = reader.IndexBytes;
        Assert.InRange(first, 12_000, RoomForOneIndex);
        // Both segments are in use, so neither index is dropped.
        for (var i = 0L; i < 20_000; i++)
        {
            var offset = i % 2 == 0 ? i % 6000 : 30_000 + i % 4000;
            Assert.Equal(Payload(offset), reader.Read(offset));
        }
        Assert.Equal((2, true), (reader.OpenSegments, reader.IndexBytes >= first));
        for (var i = 0L; i < 20_000 && reader.OpenSegments > 1; i++)
            Assert.Equal(Payload(30_000 + i % 4000), reader.Read(30_000 + i % 4000));
        Assert.Equal(1, reader.OpenSegments);
        for (var offset = 30_000L; offset < 34_000; offset++) Assert.Equal(Payload(offset), reader.Read(offset));
        Assert.InRange(reader.IndexBytes, 4_000, RoomForOneIndex);
    }

    [Fact]
    public void Reads_of_what_is_open_should_not_wait_for_an_opening()
    {
        using (var log = OpenLog(ThousandsOfRecords, FlushPolicy.OsCache)) AppendUpTo(log, 20_000);
        using var opening = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var files = new SlowOpenings(() =>
        {
            opening.Set();
            goOn.Wait();
        });
        using var reader = LogReader.Open(_directory.Path, new LogReaderOptions { MaxIndexBytes = 0 }, files);
        Assert.Equal(Payload(0), reader.Read(0));
        files.IsSlow = true;
        var slow = Task.Run(() => reader.Read(10_000));
        try
        {
            opening.Wait();
            var reads = Task.Run(() =>
            {
                // More reads without room for their index than it takes before open segments are closed.
                for (var i = 0; i < 20_000; i++) Assert.Equal(Payload(i % 6000), reader.Read(i % 6000));
            });
            Assert.True(reads.Wait(TimeSpan.FromSeconds(60)), "they wait for the opening");
        }
        finally
        {
            goOn.Set();
        }
        Assert.Equal(Payload(10_000), slow.Result);
    }

    private sealed class SlowOpenings(Action wait) : ForwardingFiles(WalFileSystem.Default)
    {
        internal bool IsSlow { get; set; }

        public override IWalFile Open(string path, FileAccessMode mode)
        {
            if (IsSlow) wait();
            return base.Open(path, mode);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(777)]
    [InlineData(1999)]
    public void Cursor_should_walk_from_any_offset_to_the_end(long from)
    {
        using (var log = OpenLog(ManyRecords)) AppendUpTo(log, 2000);
        using var reader = LogReader.Open(_directory.Path);
        using var cursor = reader.Scan(from);
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => (long)i).Where(i => i >= from), ScanAll(cursor));
    }

    [Fact]
    public void Cursor_should_go_on_when_the_log_has_grown_and_rolled()
    {
        using var log = OpenLog();
        AppendUpTo(log, 3);
        using var reader = LogReader.Open(_directory.Path);
        using var cursor = reader.Scan(0);
        var seen = ScanAll(cursor);
        for (var next = 10; next <= 400; next += 13)
        {
            AppendUpTo(log, next);
            seen.AddRange(ScanAll(cursor));
            Assert.Equal(next, seen.Count);
        }
    }

    [LinuxFilesFact("nothing is mapped")]
    public void Mapped_segments_should_be_read_until_they_are_gone_and_in_whatever_form_they_are_kept()
    {
        using var log = OpenLog(ManyRecords);
        AppendUpTo(log, 500);
        using var reader = LogReader.Open(_directory.Path, new LogReaderOptions { MapSegments = true });
        var (first, second) = (log.Segments[0], log.Segments[1]);
        Assert.Equal(Payload(first.StartOffset), reader.Read(first.StartOffset));
        Assert.Equal(Payload(second.StartOffset), reader.Read(second.StartOffset));
        Assert.Contains(_directory[first.File], File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);

        log.DeleteSegment(first.File);
        log.CompressSegment(second.File);
        Assert.False(File.Exists(_directory[first.File]));
        Assert.False(File.Exists(_directory[second.File]));
        // Their names are removed, but the open files are readable until the next refresh.
        Assert.Equal(Payload(first.EndOffset), reader.Read(first.EndOffset));
        Assert.Equal(Payload(second.EndOffset), reader.Read(second.EndOffset));
        reader.Refresh();
        Assert.Throws<WalNotFoundException>(() => reader.Read(first.EndOffset));
        Assert.Equal(Payload(second.EndOffset), reader.Read(second.EndOffset));
    }

    [Fact]
    public void Mapped_segment_that_was_emptied_should_be_told_as_damaged()
    {
        string file;
        using (var log = OpenLog())
        {
            AppendUpTo(log, 100);
            file = _directory[log.Segments[0].File];
        }
        File.Delete(file);
        File.WriteAllBytes(file, []);
        using var reader = LogReader.Open(_directory.Path, new LogReaderOptions { MapSegments = true });
        Assert.Throws<WalDamagedException>(() => reader.Read(0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damage_should_be_told_and_never_served(bool isMapped)
    {
        string file;
        using (var log = OpenLog())
        {
            AppendUpTo(log, 100);
            file = _directory[log.Segments[0].File];
        }
        var bytes = File.ReadAllBytes(file);
        bytes[SegmentHeader.SizeBytes + Frame.HeaderBytes] ^= 1;
        // Sealed files are read-only.
        File.Delete(file);
        File.WriteAllBytes(file, bytes);

        using var reader = LogReader.Open(_directory.Path, new LogReaderOptions { MapSegments = isMapped });
        Assert.Throws<WalDamagedException>(() => reader.Read(0));
        Assert.Equal(Payload(1), reader.Read(1));
        using var cursor = reader.Scan(0);
        Assert.Throws<WalDamagedException>(() => cursor.MoveNext());
    }

    [Fact]
    public void Directory_without_a_log_should_be_refused() =>
        Assert.Throws<WalAbsentException>(() => LogReader.Open(_directory.Path));
}
