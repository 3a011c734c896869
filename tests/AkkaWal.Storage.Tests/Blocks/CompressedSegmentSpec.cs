using System.Text;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Segments;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Blocks;

/// <summary>A compressed segment gives the bytes of its log file, and never other bytes.</summary>
public sealed class CompressedSegmentSpec : CompressedSegments
{
    [Theory]
    [MemberData(nameof(Codecs))]
    public void Compressed_file_should_read_as_the_log_file_byte_for_byte(CompressionCodec codec)
    {
        using var log = LogOf(2000, codec: codec);
        var plain = Disk.ReadAll(LogPath);
        var segment = log.CompressSegment("00000000.log");
        Assert.Equal(SegmentState.Sealed | SegmentState.Compressed, segment.State);
        Assert.Equal(Disk.Stat(CompressedPath)!.Value.LengthBytes, segment.StoredBytes);
        Assert.Null(Disk.Stat(LogPath));

        Assert.Equal((byte)codec, Disk.ReadAll(CompressedPath)[12]);
        var (segmentFiles, sealedSegment) = FirstSegment();
        using var file =
            CompressedLogFile.Open(Disk.Open(CompressedPath, FileAccessMode.Read), segmentFiles, sealedSegment);
        Assert.Equal(plain.Length, file.LengthBytes);
        var random = new Random(1);
        for (var i = 0; i < 3000; i++)
        {
            var position = i == 0 ? 0 : random.Next(plain.Length + 10);
            var buffer = new byte[i == 0 ? plain.Length + 5 : random.Next(i % 10 == 0 ? 200_000 : 500)];
            var count = file.Read(position, buffer);
            Assert.Equal(
                plain.AsSpan(
                    Math.Min(position, plain.Length),
                    Math.Min(buffer.Length, Math.Max(0, plain.Length - position))),
                buffer.AsSpan(0, count));
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Records_should_be_read_as_before_and_after_another_opening(CompressionCodec codec)
    {
        using (var log = LogOf(700, codec: codec))
        {
            log.CompressSegment("00000000.log");
            for (var i = 0; i < 700; i++) Assert.Equal(Payload(i), log.Read(i));
        }
        using var again = SegmentedLog.Open("/log", new WalOptions(), Disk);
        Assert.True(again.Segments[0].IsCompressed);
        for (var i = 699; i >= 0; i--) Assert.Equal(Payload(i), again.Read(i));
    }

    [Fact]
    public void Records_should_be_read_without_an_index_too()
    {
        using var log = LogOf(300);
        log.CompressSegment("00000000.log");
        Disk.Lose("/log/00000000.index");
        for (var i = 0; i < 300; i++) Assert.Equal(Payload(i), log.Read(i));
    }

    [Fact]
    public void Flipped_bit_should_never_be_served_wherever_it_is()
    {
        using (var log = LogOf(60, i => i == 30
            ? RandomBytes(i, 40_000)
            : Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"payload {i} ", 80)))))
            log.CompressSegment("00000000.log");
        var expected = ReadAll(out _);
        var length = Disk.ReadAll(CompressedPath).Length;
        var random = new Random(3);
        var (lost, positions) =
            (0, Enumerable.Range(0, 600).Concat(Enumerable.Range(0, 400).Select(_ => random.Next(length))));
        foreach (var position in positions)
        {
            var bits = (byte)(1 << random.Next(8));
            Disk.Flip(CompressedPath, position, bits);
            var found = ReadAll(out var damaged);
            lost += damaged > 0 ? 1 : 0;
            foreach (var (offset, payload) in found) Assert.Equal(expected[offset], payload);
            Disk.Flip(CompressedPath, position, bits);
        }
        Assert.Equal(1000, lost);
    }

    [Fact]
    public void Damaged_block_should_leave_the_records_of_others_and_batches_stop_before_it()
    {
        using (var log = LogOf(700)) log.CompressSegment("00000000.log");
        Disk.Flip(CompressedPath, Disk.ReadAll(CompressedPath).Length / 2, 1);
        var found = ReadAll(out var damaged);
        Assert.InRange(damaged, 1, 400);
        Assert.True(found.Count > 300);

        using var reader = OpenReader();
        var bad = Enumerable.Range(0, 700).First(i => !found.ContainsKey(i));
        var payloads = new List<ReadOnlyMemory<byte>>();
        Assert.False(reader.Records.ReadBatch(bad - 5, 700, long.MaxValue, payloads));
        Assert.Equal(5, payloads.Count);
        Assert.Throws<WalDamagedException>(() => reader.Records.ReadBatch(bad, 700, long.MaxValue, payloads));
    }

    [Fact]
    public void What_does_not_shrink_should_stay_as_it_is_and_be_remembered()
    {
        using (var log = LogOf(100, i => RandomBytes(i, 1000)))
        {
            Assert.Throws<InvalidOperationException>(() => log.CompressSegment("00000000.log"));
            Assert.Null(Disk.Stat(CompressedPath));
            Assert.Null(Disk.Stat(CompressedPath + ".tmp"));
            Assert.Null(log.Segments[0].StoredBytes);
        }
        using var again = SegmentedLog.Open("/log", new WalOptions(), Disk);
        Assert.Equal(SegmentState.Sealed | SegmentState.Incompressible, again.Segments[0].State);
        var operations = Disk.Operations.Count;
        Assert.Throws<InvalidOperationException>(() => again.CompressSegment("00000000.log"));
        Assert.Equal(operations, Disk.Operations.Count);
        Assert.Equal(RandomBytes(7, 1000), again.Read(7));
    }

    [Fact]
    public void Damaged_segment_should_not_be_compressed()
    {
        using var log = LogOf(100, i => Encoding.UTF8.GetBytes(new string('x', 100 + i)));
        Disk.Flip(LogPath, 5000, 1);
        Assert.Throws<WalDamagedException>(() => log.CompressSegment("00000000.log"));
        Assert.NotNull(Disk.Stat(LogPath));
        Assert.Null(Disk.Stat(CompressedPath + ".tmp"));
        Assert.Equal(SegmentState.Sealed, log.Segments[0].State);
    }

    [Fact]
    public void Compress_should_refuse_what_it_can_not_do()
    {
        using var log = LogOf(100);
        log.CompressSegment("00000000.log");
        Assert.Throws<InvalidOperationException>(() => log.CompressSegment("00000000.log"));
        Assert.Throws<InvalidOperationException>(() => log.CompressSegment("00000100.log"));
        Assert.Throws<ArgumentException>(() => log.CompressSegment("00000000.logz"));
    }

    private Dictionary<int, byte[]> ReadAll(out int damaged)
    {
        var found = new Dictionary<int, byte[]>();
        damaged = 0;
        using var log = SegmentedLog.Open("/log", new WalOptions(), Disk);
        for (var offset = 0; offset < log.NextOffset; offset++)
        {
            try
            {
                found[offset] = log.Read(offset);
            }
            catch (WalDamagedException)
            {
                damaged++;
            }
        }
        return found;
    }
}
