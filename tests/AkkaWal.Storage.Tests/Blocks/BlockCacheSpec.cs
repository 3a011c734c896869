using AkkaWal.Storage.Blocks;
using AkkaWal.Storage.Frames;

namespace AkkaWal.Storage.Tests.Blocks;

/// <summary>
/// The cache of decompressed blocks returns the blocks that were added, keeps those used last, and stays within its
/// limit.
/// </summary>
public sealed class BlockCacheSpec
{
    private const int BlockBytes = 16 << 10;

    private static BlockKey Key(int block) => new(7, (uint)block * BlockBytes, 0);

    private static void Add(BlockCache cache, int block, int bytes = BlockBytes)
    {
        var array = ScanBuffers.Rent(bytes);
        Array.Fill(array, (byte)block);
        cache.Add(Key(block), array);
    }

    private static bool Has(BlockCache cache, int block)
    {
        var part = new byte[100];
        if (!cache.TryCopy(Key(block), 50, part)) return false;
        Assert.Equal(Enumerable.Repeat((byte)block, part.Length), part);
        return true;
    }

    [Fact]
    public void Block_should_be_found_by_its_segment_its_place_and_its_checksum()
    {
        var cache = new BlockCache(1 << 20);
        Add(cache, 3);
        Assert.True(Has(cache, 3));
        var key = Key(3);
        foreach (var other in new[] { key with { Salt = 8 }, key with { LogPosition = 1 },
            key with { LogChecksum = 1 } })
            Assert.False(cache.TryCopy(other, 0, new byte[1]));
    }

    [Fact]
    public void What_was_used_last_should_be_kept_within_the_bound()
    {
        const long maxBytes = 10 * BlockBytes;
        var cache = new BlockCache(maxBytes);
        for (var block = 0; block < 100; block++)
        {
            Add(cache, block);
            Assert.InRange(cache.KeptBytes, 1, maxBytes);
            // This block is used all the time.
            Assert.True(Has(cache, 0));
        }
        // An array takes a little more memory than its bytes, so nine blocks fit.
        Assert.Equal([0, .. Enumerable.Range(92, 8)], Enumerable.Range(0, 100).Where(block => Has(cache, block)));
    }

    [Theory]
    [InlineData(64 << 10)]
    [InlineData(3 << 20)]
    [InlineData(40 << 20)]
    public void Huge_block_should_not_be_kept_nor_drive_out_others(int bytes)
    {
        const long maxBytes = 10 * BlockBytes;
        var cache = new BlockCache(maxBytes);
        for (var block = 0; block < 9; block++) Add(cache, block);
        var before = cache.KeptBytes;
        Add(cache, 50, bytes);
        Assert.False(Has(cache, 50));
        Assert.Equal(before, cache.KeptBytes);
        Assert.All(Enumerable.Range(0, 9), block => Assert.True(Has(cache, block)));
    }

    [Fact]
    public void Small_blocks_should_count_what_they_take_besides_their_bytes()
    {
        const long maxBytes = 1 << 20;
        var cache = new BlockCache(maxBytes);
        for (var block = 0; block < 100_000; block++) Add(cache, block, 16);
        Assert.InRange(cache.KeptBytes, maxBytes - 1000, maxBytes);
        var kept = Enumerable.Range(0, 100_000).Count(block => cache.TryCopy(Key(block), 0, new byte[1]));
        Assert.InRange(kept, 1, maxBytes / 200);
    }

    [Fact]
    public void Cache_of_no_bytes_should_keep_nothing()
    {
        var cache = new BlockCache(0);
        Add(cache, 1);
        Assert.False(Has(cache, 1));
        Assert.Equal(0, cache.KeptBytes);
    }

    [Fact]
    public void Threads_should_find_whole_blocks_while_others_drive_them_out()
    {
        var cache = new BlockCache(4 * BlockBytes + 4096);
        var found = 0;
        Parallel.For(0, 8, worker =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 20_000; i++)
            {
                var block = random.Next(8);
                if (Has(cache, block)) Interlocked.Increment(ref found);
                else Add(cache, block);
            }
        });
        Assert.True(found > 0);
        Assert.InRange(cache.KeptBytes, BlockBytes, 4 * BlockBytes + 4096);
    }
}
