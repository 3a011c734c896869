using System.Buffers.Binary;
using System.Text;
using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Blocks;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Rot;

/// <summary>
/// Every bit of a compressed segment is flipped, for each codec: without other changes, and with all checksums
/// corrected, so that the flip reaches what they protect (sizes, and the blocks of the codec). Nothing wrong is
/// returned, and nothing crashes.
/// </summary>
[Trait("Suite", "Rot")]
public sealed class CompressedRotSpec(ITestOutputHelper output)
{
    private const string Name = "00000000.logz";

    // Positions within the head; see FORMAT.md.
    private const int CodecAt = 12, BlockCountAt = 104, DirectoryChecksumAt = 112, ChecksumAt = 124;

    public static TheoryData<CompressionCodec> Codecs => [.. Enum.GetValues<CompressionCodec>()];

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Flip_in_a_compressed_segment_should_never_be_served(CompressionCodec codec)
    {
        var sample = new Sample(codec);
        foreach (var (disk, position) in sample.Flips(0, sample.Bytes.Length))
        {
            var damaged = sample.Read(disk);
            Assert.True(damaged > 0, $"the flip at {position} is served");
            if (position < sample.BlocksAt) Assert.Equal(Sample.Count, damaged);
        }
        output.WriteLine($"{8 * sample.Bytes.Length} damaged logs");
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Flip_under_checksums_that_match_should_never_be_served(CompressionCodec codec)
    {
        var sample = new Sample(codec);
        foreach (var (disk, _) in sample.Flips(0, sample.Bytes.Length))
        {
            var bytes = disk.ReadAll(SampleLog.At(Name));
            MakeRight(bytes, sample.Bytes);
            disk.Overwrite(SampleLog.At(Name), bytes);
            // Records that are returned are right; others may be refused.
            sample.Read(disk);
        }
        output.WriteLine($"{8 * sample.Bytes.Length} damaged logs");
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Segment_under_the_number_of_another_codec_should_not_be_served(CompressionCodec codec)
    {
        var sample = new Sample(codec);
        foreach (var other in new uint[] { 0, 1, 2, 3, 4, uint.MaxValue }.Where(number => number != (uint)codec))
        {
            var bytes = (byte[])sample.Bytes.Clone();
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(CodecAt), other);
            MakeRight(bytes, sample.Bytes);
            var disk = sample.Disk.Kill();
            disk.Overwrite(SampleLog.At(Name), bytes);
            Assert.True(sample.Read(disk) > 0);
        }
    }

    [Fact]
    public void Codec_of_a_newer_version_should_be_called_newer_and_none_damaged()
    {
        var sample = new Sample(CompressionCodec.Zstd);
        foreach (var (number, isNewer) in new[] { (0u, false), (4u, true), (uint.MaxValue, true) })
        {
            var bytes = (byte[])sample.Bytes.Clone();
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(CodecAt), number);
            MakeRight(bytes, sample.Bytes);
            var disk = sample.Disk.Kill();
            disk.Overwrite(SampleLog.At(Name), bytes);
            using var log = LogReader.Open(Workload.Directory, files: disk);
            var fault = Assert.ThrowsAny<WalFaultException>(() => log.Read(0));
            Assert.Equal(isNewer, fault is WalNewerVersionException);
            Assert.Contains($"codec {number}", fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Shortened_compressed_segment_should_never_be_served(CompressionCodec codec)
    {
        var sample = new Sample(codec);
        for (var keep = 0; keep < sample.Bytes.Length; keep++)
        {
            var disk = sample.Disk.Kill();
            disk.Overwrite(SampleLog.At(Name), sample.Bytes.AsSpan(0, keep));
            Assert.Equal(Sample.Count, sample.Read(disk));
        }
    }

    // Corrects the checksums of the head, of the directory, and of each block at its place in the whole file.
    private static void MakeRight(byte[] bytes, ReadOnlySpan<byte> whole)
    {
        var blockCount = BinaryPrimitives.ReadInt32LittleEndian(whole[BlockCountAt..]);
        var directory = bytes.AsSpan(CompressedHead.SizeBytes, blockCount * CompressedBlock.SizeBytes);
        for (var i = 0; i < blockCount; i++)
        {
            int start = StoredAt(whole, i), end = i + 1 < blockCount ? StoredAt(whole, i + 1) : bytes.Length;
            var checksum = Crc32C.Compute(bytes.AsSpan(start, end - start));
            BinaryPrimitives.WriteUInt32LittleEndian(directory[(i * CompressedBlock.SizeBytes + 8)..], checksum);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(DirectoryChecksumAt), Crc32C.Compute(directory));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(ChecksumAt), Crc32C.Compute(bytes.AsSpan(0, ChecksumAt)));
    }

    private static int StoredAt(ReadOnlySpan<byte> whole, int block) =>
        BinaryPrimitives.ReadInt32LittleEndian(
            whole[(CompressedHead.SizeBytes + block * CompressedBlock.SizeBytes + 4)..]);

    /// <summary>
    /// A log with one compressed segment: small records, one larger than a block, and one that does not shrink.
    /// </summary>
    private sealed class Sample
    {
        internal const int Count = 30;

        internal Sample(CompressionCodec codec)
        {
            var disk = new SimulatedDisk();
            using (var log = Workload.Open(disk, SampleLog.Options with { Codec = codec }))
            {
                for (var i = 0; i < Count; i++) log.Append(Payload(i));
                log.SealActive();
                log.CompressSegment("00000000.log");
            }
            Disk = disk.Kill();
            Bytes = Disk.ReadAll(SampleLog.At(Name));
            BlocksAt = StoredAt(Bytes, 0);
        }

        /// <summary>Never opened or changed: tests work on copies.</summary>
        internal SimulatedDisk Disk { get; }

        internal byte[] Bytes { get; }

        internal int BlocksAt { get; }

        internal IEnumerable<(SimulatedDisk Disk, int Position)> Flips(int start, int end)
        {
            for (var position = start; position < end; position++)
            {
                for (var bit = 0; bit < 8; bit++)
                {
                    var disk = Disk.Kill();
                    disk.Flip(SampleLog.At(Name), position, (byte)(1 << bit));
                    yield return (disk, position);
                }
            }
        }

        /// <summary>Reads all records one by one and in order. Those that are returned must be right.</summary>
        /// <returns>The number of records that could not be read one by one.</returns>
        internal int Read(SimulatedDisk disk)
        {
            var damaged = 0;
            using var log = LogReader.Open(Workload.Directory, files: disk);
            for (var offset = 0; offset < Count; offset++)
            {
                try
                {
                    Assert.Equal(Payload(offset), log.Read(offset));
                }
                catch (WalFaultException)
                {
                    damaged++;
                }
            }
            try
            {
                using var cursor = log.Scan(0);
                while (cursor.MoveNext()) Assert.Equal(Payload((int)cursor.Offset), cursor.Payload.ToArray());
            }
            catch (WalFaultException)
            {
                // The record is refused.
            }
            return damaged;
        }

        private static byte[] Payload(int i)
        {
            var noise = new byte[i == 20 ? 150 : 0];
            new Random(i).NextBytes(noise);
            return i switch
            {
                10 => new byte[BlockCodec.BlockBytes + 1000],
                20 => noise,
                _ => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat($"record {i}, ", 1 + i % 7))),
            };
        }
    }
}
