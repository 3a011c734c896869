using System.Text;
using AkkaWal.Storage.Blocks;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Tests.Blocks;

/// <summary>
/// The cost of reads of a compressed segment: one block for each record, nothing for cached blocks, and no memory
/// beyond the limits.
/// </summary>
public sealed class CompressedReadSpec : CompressedSegments
{
    [Fact]
    public void Record_should_cost_one_read_of_one_block()
    {
        using var log = LogOf(700);
        log.CompressSegment("00000000.log");
        using var reader = OpenReader();
        var reads = CountReads();
        foreach (var offset in new[] { 350, 10, 550, 696 })
        {
            reads.Clear();
            Assert.Equal(Payload(offset), reader.Records.Read(offset));
            Assert.Single(reads);
        }
        // The neighbours are in a cached block.
        reads.Clear();
        foreach (var offset in new[] { 351, 9, 551 }) Assert.Equal(Payload(offset), reader.Records.Read(offset));
        Assert.Empty(reads);
    }

    [Fact]
    public void Segment_that_is_opened_anew_should_find_its_blocks_in_memory()
    {
        using var log = LogOf(700);
        log.CompressSegment("00000000.log");
        var (segmentFiles, segment) = FirstSegment();
        using (var reader = SegmentReader.Open(segmentFiles, segment)) reader.Records.Read(350);
        using var again = SegmentReader.Open(segmentFiles, segment);
        var reads = CountReads();
        Assert.Equal(Payload(351), again.Records.Read(351));
        Assert.Empty(reads);
        Assert.InRange(segmentFiles.Blocks.KeptBytes, 1, new WalOptions().MaxBlockCacheBytes);
    }

    [Fact]
    public void Scan_should_decompress_each_block_once()
    {
        // A segment of several scan chunks.
        using var log = LogOf(
            20_000, i => Encoding.ASCII.GetBytes($"record {i} of a segment of more than a mebibyte, {i * 31}"));
        log.CompressSegment("00000000.log");
        var (segmentFiles, segment) = FirstSegment();
        using var walk = SegmentReader.Scan(segmentFiles, segment, 0);
        var reads = CountReads();
        var count = 0;
        while (walk.Frames.MoveNext()) count++;
        Assert.Equal(20_000, count);
        Assert.True(reads.Count > 64);
        Assert.Equal(reads.Count, reads.Distinct().Count());
    }

    [Fact]
    public void Log_without_a_cache_should_read_each_block_anew()
    {
        using var log = LogOf(700);
        log.CompressSegment("00000000.log");
        using var reader = OpenReader(new WalOptions { MaxBlockCacheBytes = 0 });
        var reads = CountReads();
        foreach (var offset in new[] { 350, 351 }) Assert.Equal(Payload(offset), reader.Records.Read(offset));
        Assert.Equal(2, reads.Count);
        Assert.Equal(reads[0], reads[1]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64 << 10)]
    [InlineData(4 << 20)]
    public void Reads_should_allocate_no_more_than_what_they_return(long maxBlockCacheBytes)
    {
        using var log = LogOf(
            5000, i => Encoding.ASCII.GetBytes($"record {i:D6}, all are as long, {i * 31 % 1000:D6}"));
        log.CompressSegment("00000000.log");
        using var reader = OpenReader(new WalOptions { MaxBlockCacheBytes = maxBlockCacheBytes });
        var random = new Random(5);
        void ReadAll()
        {
            for (var i = 0; i < 2000; i++) reader.Records.Read(random.Next(5000));
        }
        ReadAll();
        var before = GC.GetAllocatedBytesForCurrentThread();
        ReadAll();
        // A payload takes 50 bytes and its array's header. A block would take 16 KiB.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 2000.0, 50, 200);
    }

    [Fact]
    public void Memory_of_block_directories_should_count_as_that_of_indexes()
    {
        using var log = LogOf(700);
        log.CompressSegment("00000000.log");
        var (segmentFiles, segment) = FirstSegment();
        var budget = new IndexBudget(1 << 20);
        using (SegmentReader.Open(segmentFiles, segment, budget))
            Assert.InRange(budget.UsedBytes, 16 * (segment.SizeBytes / BlockCodec.BlockBytes / 2), 1 << 20);
        Assert.Equal(0, budget.UsedBytes);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Threads_should_read_side_by_side(CompressionCodec codec)
    {
        using var log = LogOf(700, codec: codec);
        log.CompressSegment("00000000.log");
        using var reader = OpenReader();
        Parallel.For(0, 8, worker =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 500; i++)
            {
                var offset = random.Next(700);
                Assert.Equal(Payload(offset), reader.Records.Read(offset));
            }
        });
    }

    // The positions of all reads from now on.
    private List<long> CountReads()
    {
        var reads = new List<long>();
        Disk.ReadFaults = (_, position) =>
        {
            lock (reads) reads.Add(position);
            return false;
        };
        return reads;
    }
}
