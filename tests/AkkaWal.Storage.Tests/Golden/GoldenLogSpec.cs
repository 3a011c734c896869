using AkkaWal.Storage.Blocks;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Storage.Tests.Golden;

/// <summary>Logs of format version 1 stay readable and writable.</summary>
public sealed class GoldenLogSpec
{
    private static readonly (long Start, long End, SegmentState State)[] Segments =
    [
        (0, 39, SegmentState.Sealed | SegmentState.Compressed | SegmentState.Archived),
        (40, 79, SegmentState.Sealed | SegmentState.Archived),
        (120, 159, SegmentState.Sealed | SegmentState.Compressed),
        (160, 169, SegmentState.Sealed | SegmentState.Incompressible),
        (170, 209, SegmentState.Sealed),
        (210, 249, SegmentState.Sealed),
        (250, 255, SegmentState.Active),
    ];

    public static TheoryData<string> Logs => ["stopped", "killed"];

    [Theory]
    [MemberData(nameof(Logs))]
    public void Golden_log_should_be_read_without_being_opened(string name)
    {
        using var golden = new GoldenLog(name);
        using var reader = LogReader.Open(golden.Directory, new LogReaderOptions { Archive = golden.Archive });
        Assert.Null(reader.Damage);
        Assert.Equal(
            (0, GoldenLog.NextOffset, GoldenLog.NextOffset),
            (reader.StartOffset, reader.NextOffset, reader.DurableNextOffset));
        AssertHolds(reader.Read);
    }

    [Theory]
    [MemberData(nameof(Logs))]
    public void Golden_log_should_verify_without_a_fault(string name)
    {
        using var golden = new GoldenLog(name);
        var report = LogVerifier.Verify(golden.Directory, golden.Options);
        Assert.Empty(report.Faults);
        Assert.Equal((Segments.Length, GoldenLog.NextOffset - 40), (report.SegmentCount, report.RecordCount));
    }

    [Theory]
    [MemberData(nameof(Logs))]
    public void Golden_log_should_be_opened_and_written(string name)
    {
        using var golden = new GoldenLog(name);
        List<string> notes = [];
        using (var log = SegmentedLog.Open(golden.Directory, golden.Options, note: notes.Add))
        {
            Assert.Empty(notes);
            Assert.Equal(
                Segments, log.Segments.Select(segment => (segment.StartOffset, segment.EndOffset, segment.State)));
            AssertHolds(log.Read);
            Assert.Equal(GoldenLog.NextOffset, log.Append("new"u8));
            log.SealActive();
            log.CompressSegment("00000170.log");
            log.ArchiveSegment("00000170.log");
            log.ArchiveSegment("00000160.log");
            log.DeleteSegment("00000000.log");
        }
        using var again = SegmentedLog.Open(golden.Directory, golden.Options);
        Assert.Equal("new"u8.ToArray(), again.Read(GoldenLog.NextOffset));
        AssertHolds(again.Read, 40);
    }

    [Fact]
    public void Segments_of_every_codec_should_be_read_whichever_is_written()
    {
        var codecs = new[] { CompressionCodec.Brotli, CompressionCodec.Zstd, CompressionCodec.Lz4 };
        foreach (var written in codecs)
        {
            using var golden = new GoldenLog("codecs");
            Assert.Empty(LogVerifier.Verify(golden.Directory).Faults);
            var id = Manifest.Decode(File.ReadAllBytes(golden["MANIFEST"]), "MANIFEST").LogId;
            foreach (var (codec, i) in codecs.Select((codec, i) => (codec, i)))
            {
                var head = File.ReadAllBytes(golden[$"{i * 80:D8}.logz"])[..CompressedHead.SizeBytes];
                Assert.Equal(codec, CompressedHead.Decode(head, "logz", id, i * 80).Codec);
            }
            using var log = SegmentedLog.Open(golden.Directory, new WalOptions { Codec = written });
            for (var offset = 0L; offset < GoldenLog.NextOffset; offset++)
                Assert.Equal(GoldenLog.Payload(offset), log.Read(offset));
        }
    }

    [Fact]
    public void Formats_should_be_written_as_the_golden_log_has_them()
    {
        using var golden = new GoldenLog("stopped");
        var bytes = File.ReadAllBytes(golden["MANIFEST"]);
        var manifest = Manifest.Decode(bytes, "MANIFEST");
        Assert.Equal(bytes, manifest.Encode());

        bytes = File.ReadAllBytes(golden["00000250.log"]);
        var header = SegmentHeader.Decode(bytes.AsSpan(0, SegmentHeader.SizeBytes), "log", manifest.LogId, 250);
        var encoded = header.Encode();
        Array.Resize(ref encoded, bytes.Length);
        var at = SegmentHeader.SizeBytes;
        for (var offset = 250L; offset < GoldenLog.NextOffset; offset++)
        {
            var payload = GoldenLog.Payload(offset);
            var size = (int)Frame.SizeOf(payload.Length);
            Frame.Encode(
                encoded.AsSpan(at, size), payload, Frame.SaltState(header.Salt), offset,
                continues: offset is 253 or 254);
            at += size;
        }
        Assert.Equal(bytes, encoded);

        bytes = File.ReadAllBytes(golden["00000250.index"]);
        var slot = IndexSlot.Newest(bytes.AsSpan(0, IndexSlot.EntriesAt), header)!.Value;
        encoded = (byte[])bytes.Clone();
        slot.Encode(encoded.AsSpan((int)slot.WriteAt));
        Assert.Equal(bytes, encoded);
        Assert.Equal((IndexState.Clean, GoldenLog.NextOffset), (slot.State, slot.Watermark.NextOffset));

        bytes = File.ReadAllBytes(golden["00000120.logz"])[..CompressedHead.SizeBytes];
        Assert.Equal(bytes, CompressedHead.Decode(bytes, "logz", manifest.LogId, 120).Encode());
    }

    private static void AssertHolds(Func<long, byte[]> read, long first = 0)
    {
        for (var offset = first; offset < GoldenLog.NextOffset; offset++)
            if (!GoldenLog.IsDeleted(offset)) Assert.Equal(GoldenLog.Payload(offset), read(offset));
        Assert.Throws<WalNotFoundException>(() => read(GoldenLog.FirstDeleted));
    }
}
