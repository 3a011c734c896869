using System.Globalization;
using System.Text;
using AkkaWal.Storage.Blocks;

namespace AkkaWal.Storage.Tests.Format;

/// <summary>
/// Each codec restores the bytes that it compressed. For any other input it writes nothing outside the block's own
/// bytes.
/// </summary>
public sealed class BlockCodecSpec
{
    private const byte Guard = 0xC3;
    private const int GuardBytes = 64;

    public static TheoryData<CompressionCodec> Codecs => [.. Enum.GetValues<CompressionCodec>()];

    private static byte[] Text(int bytes)
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < bytes; i++)
            text.Append(CultureInfo.InvariantCulture, $"{{\"id\": {i * 7919}, \"state\": \"{i % 5}\"}}");
        return Encoding.ASCII.GetBytes(text.ToString())[..bytes];
    }

    private static byte[] Compress(CompressionCodec codec, byte[] log)
    {
        var stored = new byte[log.Length];
        return stored[..BlockCodec.Find(codec)!.Compress(log, stored)];
    }

    // The block is surrounded by bytes that must not change.
    private static bool TryDecompress(CompressionCodec codec, ReadOnlySpan<byte> stored, int logBytes, out byte[] log)
    {
        var guarded = new byte[logBytes + 2 * GuardBytes];
        Array.Fill(guarded, Guard);
        var isWhole = BlockCodec.Find(codec)!.TryDecompress(stored, guarded.AsSpan(GuardBytes, logBytes));
        Assert.Equal(-1, guarded.AsSpan(0, GuardBytes).IndexOfAnyExcept(Guard));
        Assert.Equal(-1, guarded.AsSpan(GuardBytes + logBytes).IndexOfAnyExcept(Guard));
        log = guarded.AsSpan(GuardBytes, logBytes).ToArray();
        return isWhole;
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Block_should_come_back_as_it_was(CompressionCodec codec)
    {
        foreach (var bytes in new[] { 200, BlockCodec.BlockBytes, 100_000, 3 << 20 })
        {
            foreach (var block in new[] { Text(bytes), new byte[bytes] })
            {
                var stored = Compress(codec, block);
                Assert.InRange(stored.Length, 1, block.Length - 1);
                Assert.True(TryDecompress(codec, stored, bytes, out var log));
                Assert.Equal(block, log);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Block_that_does_not_shrink_should_be_told(CompressionCodec codec)
    {
        var noise = new byte[5000];
        new Random(1).NextBytes(noise);
        Assert.Empty(Compress(codec, noise));
        Assert.Empty(Compress(codec, [7]));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Block_should_never_come_out_in_another_size_than_the_recorded_one(CompressionCodec codec)
    {
        var bomb = Compress(codec, new byte[8 << 20]);
        foreach (var recorded in new[] { 0, 1, bomb.Length, BlockCodec.BlockBytes, (8 << 20) - 1, (8 << 20) + 1 })
            Assert.False(TryDecompress(codec, bomb, recorded, out _), $"{recorded} bytes");
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Bytes_that_are_no_block_should_be_refused_or_stay_within_it(CompressionCodec codec)
    {
        var block = Text(2000);
        var stored = Compress(codec, block);
        for (var keep = 0; keep < stored.Length; keep++)
            Assert.False(TryDecompress(codec, stored.AsSpan(0, keep), block.Length, out _));
        for (var bit = 0; bit < 8 * stored.Length; bit++)
        {
            stored[bit / 8] ^= (byte)(1 << bit % 8);
            TryDecompress(codec, stored, block.Length, out _);
            stored[bit / 8] ^= (byte)(1 << bit % 8);
        }
        var random = new Random(2);
        for (var i = 0; i < 2000; i++)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            // A valid start, so that more of the decoder is reached.
            stored.AsSpan(0, Math.Min(random.Next(stored.Length), noise.Length)).CopyTo(noise);
            TryDecompress(codec, noise, random.Next(5000), out _);
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Threads_should_use_a_codec_side_by_side(CompressionCodec codec) => Parallel.For(0, 16, worker =>
    {
        for (var i = 0; i < 50; i++)
        {
            var block = Text(3000 + 17 * worker + i);
            Assert.True(TryDecompress(codec, Compress(codec, block), block.Length, out var log));
            Assert.Equal(block, log);
        }
    });

    [Fact]
    public void Number_that_no_codec_has_should_be_told() => Assert.Null(BlockCodec.Find((CompressionCodec)4));

    [Fact]
    public void Contexts_should_be_kept_up_to_a_number_and_be_used_again()
    {
        var made = new List<Context>();
        var pool = new ContextPool<Context>(2, () =>
        {
            made.Add(new Context());
            return made[^1];
        });
        var taken = new[] { pool.Rent(), pool.Rent(), pool.Rent() };
        Assert.Equal(3, taken.Distinct().Count());
        foreach (var context in taken) pool.Return(context);
        Assert.Equal([false, false, true], made.Select(context => context.IsDisposed));
        Assert.Equal(made.Take(2), [pool.Rent(), pool.Rent()]);
    }

    private sealed class Context : IDisposable
    {
        internal bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
