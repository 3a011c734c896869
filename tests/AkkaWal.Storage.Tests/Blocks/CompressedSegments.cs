using System.Text;
using AkkaWal.Storage.Blocks;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Blocks;

/// <summary>
/// A log with one sealed segment to compress, of small records, large ones, and some that do not shrink.
/// </summary>
public abstract class CompressedSegments
{
    private protected const string LogPath = "/log/00000000.log", CompressedPath = "/log/00000000.logz";

    private protected SimulatedDisk Disk { get; } = new();

    private protected static byte[] Payload(int i)
    {
        // Some records are larger than a block, and some do not shrink.
        if (i % 97 == 96) return RandomBytes(i, 3 * BlockCodec.BlockBytes);
        if (i % 211 == 210) return new byte[2 * BlockCodec.BlockBytes];
        return Encoding.UTF8.GetBytes(
            $"{{\"order\": {i}, \"customer\": \"c-{i % 31}\", \"status\": \"shipped\", "
            + $"\"note\": \"{new string((char)('a' + i % 26), i % 50)}\"}}");
    }

    private protected static byte[] RandomBytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static TheoryData<CompressionCodec> Codecs => [.. Enum.GetValues<CompressionCodec>()];

    private protected SegmentedLog LogOf(
        int count, Func<int, byte[]>? payload = null, CompressionCodec codec = CompressionCodec.Zstd)
    {
        var log = SegmentedLog.Open("/log", new WalOptions { Codec = codec }, Disk);
        for (var i = 0; i < count; i++) log.Append((payload ?? Payload)(i));
        log.SealActive();
        return log;
    }

    private protected (SegmentFiles SegmentFiles, SealedSegment Segment) FirstSegment(WalOptions? options = null)
    {
        var manifest = Manifest.Decode(Disk.ReadAll("/log/MANIFEST"), "MANIFEST");
        return (new SegmentFiles(Disk, "/log", manifest.LogId, options ?? new WalOptions()),
            manifest.SealedSegments[0]);
    }

    private protected SegmentReader OpenReader(WalOptions? options = null)
    {
        var (segmentFiles, segment) = FirstSegment(options);
        return SegmentReader.Open(segmentFiles, segment);
    }
}
