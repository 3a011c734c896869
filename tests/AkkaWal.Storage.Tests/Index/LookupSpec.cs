using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Index;

/// <summary>The files of many segments, and what opening and reading them touches.</summary>
public sealed class LookupSpec
{
    private const int AppendCount = 50_000;

    /// <summary>A segment size that few records of <see cref="Payload"/> exceed.</summary>
    private const long MostRecordsFit = 4096;

    private const int PayloadBytes = 50;

    /// <summary>Segments of one record of <see cref="PayloadBytes"/>.</summary>
    private static readonly WalOptions OneRecordASegment = new()
    {
        MaxSegmentBytes = Frame.HeaderBytes + PayloadBytes, Flush = FlushPolicy.OsCache,
    };

    /// <summary>A segment for all records of 0 to 29 bytes.</summary>
    private static readonly WalOptions AllRecordsASegment = new() { MaxSegmentBytes = 1000 };

    private static byte[] Payload(int i)
    {
        var random = new Random(i);
        var bytes = new byte[i % 250 == 249 ? random.Next(4 << 10, 100 << 10) : random.Next(0, 301)];
        random.NextBytes(bytes);
        return bytes;
    }

    [Fact]
    public void Segments_should_chain_without_a_gap_and_keep_their_limit()
    {
        var disk = new SimulatedDisk();
        using var log = SegmentedLog.Open(
            "/log", new WalOptions { MaxSegmentBytes = MostRecordsFit, Flush = FlushPolicy.OsCache }, disk);
        for (var i = 0; i < AppendCount; i++) Assert.Equal(i, log.Append(Payload(i)));
        log.Commit();

        var expected = 0L;
        foreach (var segment in log.Segments)
        {
            Assert.Equal((SegmentName.Log(expected), expected), (segment.File, segment.StartOffset));
            Assert.True(
                segment.SizeBytes <= MostRecordsFit || segment.RecordCount == 1, $"{segment} is above its limit");
            Assert.NotNull(disk.Stat("/log/" + SegmentName.Index(segment.StartOffset)));
            expected = segment.EndOffset + 1;
        }
        Assert.Equal(AppendCount, expected);
        for (var i = 0; i < AppendCount; i++) Assert.Equal(Payload(i), log.Read(i));
    }

    [Fact]
    public void Index_should_point_at_the_frame_of_its_record()
    {
        var disk = new SimulatedDisk();
        using (var log = SegmentedLog.Open("/log", AllRecordsASegment, disk))
        {
            for (var i = 0; i < 30; i++) log.Append(new byte[i]);
            log.SealActive();
            foreach (var segment in log.Segments.Where(s => s.IsSealed))
            {
                var bytes = disk.ReadAll("/log/" + segment.File);
                var index = disk.ReadAll("/log/" + SegmentName.Index(segment.StartOffset));
                Assert.Equal(IndexSlot.EntriesAt + 4 * segment.RecordCount, index.Length);
                var position = (long)SegmentHeader.SizeBytes;
                for (var offset = segment.StartOffset; offset <= segment.EndOffset; offset++)
                {
                    Assert.Equal(
                        position,
                        BitConverter.ToUInt32(index, IndexSlot.EntriesAt + 4 * (int)(offset - segment.StartOffset)));
                    Assert.True(Frame.TryReadHeader(bytes.AsSpan((int)position), out var header));
                    Assert.Equal(offset, header.PayloadBytes);
                    position += header.FrameBytes;
                }
                Assert.Equal(bytes.Length, position);
            }
        }
    }

    [Fact]
    public void Opening_should_open_no_sealed_segment_after_a_clean_stop()
    {
        const int Records = 3000;
        var disk = new SimulatedDisk();
        using (var log = SegmentedLog.Open("/log", OneRecordASegment, disk))
            for (var i = 0; i < Records; i++) log.Append(new byte[PayloadBytes]);

        var opened = new List<string>();
        var watched = new OpenedFiles(disk, opened);
        using (var log = SegmentedLog.Open("/log", OneRecordASegment, watched))
        {
            var active = log.Segments[^1];
            var sealedFiles = opened.Select(Path.GetFileName).Where(f => f!.Contains('.', StringComparison.Ordinal)
                && !f.StartsWith(Path.GetFileNameWithoutExtension(active.File), StringComparison.Ordinal)
                && !f.StartsWith("MANIFEST", StringComparison.Ordinal));
            Assert.Empty(sealedFiles);
            Assert.Equal(Records, log.CommittedNextOffset);
            for (var i = 0; i < Records; i++) Assert.Equal(PayloadBytes, log.Read(i).Length);
        }
    }

    private sealed class OpenedFiles(IWalFileSystem files, List<string> opened) : ForwardingFiles(files)
    {
        public override IWalFile Open(string path, FileAccessMode mode)
        {
            opened.Add(path);
            return base.Open(path, mode);
        }
    }
}
