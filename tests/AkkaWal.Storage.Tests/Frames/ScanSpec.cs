using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;

namespace AkkaWal.Storage.Tests.Frames;

/// <summary>
/// A scan verifies several records at once. A bad one must be found, and only that one, wherever it stands among them.
/// </summary>
public sealed class ScanSpec : IDisposable
{
    // Larger than one read, as large as one read, empty, and every remainder of a division by eight.
    private static readonly int[] Sizes = [0, 100, 100, 100, 1, 7, 8, 9, FrameScanner.BufferBytes + 100, 63, 0, 0,
        FrameScanner.BufferBytes - Frame.HeaderBytes, 5, 6, 4, 3, 2, 100, 9000, 9000, 9000, 17,
        FrameScanner.HeadroomBytes - Frame.HeaderBytes, FrameScanner.HeadroomBytes, 1, FrameScanner.FirstReadBytes];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static byte[] Payload(int record)
    {
        var payload = new byte[Sizes[record % Sizes.Length]];
        new Random(record).NextBytes(payload);
        return payload;
    }

    private void Fill(int records, Func<int, byte[]> payload)
    {
        using var log = SegmentedLog.Open(_directory.Path, new WalOptions { Flush = FlushPolicy.OsCache });
        for (var i = 0; i < records; i++) log.Append(payload(i));
        log.Commit();
        log.SealActive();
    }

    [Fact]
    public void Scan_that_stops_at_a_gap_should_tell_what_the_log_holds()
    {
        using (var log = SegmentedLog.Open(_directory.Path))
        {
            for (var segment = 0; segment < 4; segment++)
            {
                for (var i = 0; i < 10; i++) log.Append([1]);
                if (segment < 3) log.SealActive();
            }
            log.DeleteSegment("00000010.log");
        }
        using var reader = LogReader.Open(_directory.Path);
        var error = Assert.Throws<WalNotFoundException>(() => reader.Scan(17).MoveNext());
        Assert.StartsWith("offset 17 is not in the log, which holds 0 to 9, 20 to 39, as far as it is valid",
            error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Actual value", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("offset 40 is not in the log, ",
            Assert.Throws<WalNotFoundException>(() => reader.Read(40)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_should_bring_records_of_every_size()
    {
        const int Records = 200;
        Fill(Records, Payload);
        using var reader = LogReader.Open(_directory.Path);
        for (var first = 0; first < Records; first += 19)
        {
            using var cursor = reader.Scan(first);
            for (var i = first; i < Records; i++)
            {
                Assert.True(cursor.MoveNext());
                Assert.Equal(i, cursor.Offset);
                Assert.Equal(Payload(i), cursor.Payload);
            }
            Assert.False(cursor.MoveNext());
        }
    }

    [Fact]
    public void Scan_should_stop_at_the_damaged_record_and_not_before()
    {
        Fill(Sizes.Length, Payload);
        var path = _directory[SegmentName.Log(0)];
        long position = SegmentHeader.SizeBytes;
        for (var damaged = 0; damaged < Sizes.Length; damaged++)
        {
            // The checksum's first byte.
            Flip(path, position + 4);
            AssertStopsAt(damaged, position);
            Flip(path, position + 4);
            position += Frame.SizeOf(Sizes[damaged]);
        }
    }

    private void AssertStopsAt(int damaged, long position)
    {
        using var reader = LogReader.Open(_directory.Path);
        using var cursor = reader.Scan(0);
        for (var i = 0; i < damaged; i++)
            Assert.True(cursor.MoveNext(), $"record {i} of a log whose record {damaged} is damaged");
        for (var again = 0; again < 2; again++)
        {
            var error = Assert.Throws<WalDamagedException>(() => cursor.MoveNext());
            Assert.Equal(position, error.Position);
            Assert.Contains($"offset {damaged}", error.Message);
        }
    }

    private static void Flip(string path, long position)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[position] ^= 1;
        // A sealed file can't be written, but it can be replaced.
        File.Delete(path);
        File.WriteAllBytes(path, bytes);
    }

    [Fact]
    public void Scan_should_allocate_nothing_for_a_record()
    {
        const int Records = 100_000;
        Fill(Records, _ => new byte[100]);
        using var reader = LogReader.Open(_directory.Path);
        // If another test causes a garbage collection, this thread loses its allocation window, and the rest of the
        // window counts as allocated. A background collection does so without being counted. The cost of a record is in
        // every scan, so the least of several scans shows it.
        Assert.Equal(0, Enumerable.Range(0, 10).Min(_ => AllocatedByAScan(reader, Records)));
    }

    private static long AllocatedByAScan(LogReader reader, int records)
    {
        using var cursor = reader.Scan(0);
        // After the small first read and one of full size, all buffers are allocated.
        const int Warmup = 20_000;
        for (var i = 0; i < Warmup; i++) Assert.True(cursor.MoveNext());
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = Warmup; i < records; i++) Assert.True(cursor.MoveNext());
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
