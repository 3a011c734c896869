using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Recovery;
using AkkaWal.TestKit;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Opening;

/// <summary>
/// The recovery table of FORMAT.md over all combinations of its inputs. Each combination matches one row and no other,
/// and an opening of a disk made for it does what the row says.
/// </summary>
[Trait("Suite", "RecoveryTable")]
public sealed class RecoveryTableSpec(ITestOutputHelper output)
{
    private const int RecordCount = 3, RecordBytes = 20, FrameBytes = Frame.HeaderBytes + RecordBytes;
    private const long EndPosition = SegmentHeader.SizeBytes + (RecordCount * FrameBytes);

    /// <summary>The rows. Each has its own condition, so their order does not matter.</summary>
    private static readonly (RecoveryCase Row, Predicate<RecoveryEvidence> Matches)[] Rows =
    [
        (RecoveryCase.CleanStop, seen => seen.Index == IndexVerdict.Clean),
        (RecoveryCase.SealedWithoutSuccessor, seen => seen.Index == IndexVerdict.Sealed),
        (RecoveryCase.DamageBelowWatermark, seen => IsOpen(seen) && seen.EndsBelowWatermark),
        (RecoveryCase.Intact, seen => IsOpen(seen) && !seen.EndsBelowWatermark && seen.Tail == TailKind.Nothing),
        (RecoveryCase.ReservedTail, seen => IsOpen(seen) && !seen.EndsBelowWatermark && seen.Tail == TailKind.Zeros),
        (RecoveryCase.TornTail, seen => IsOpen(seen) && !seen.EndsBelowWatermark && seen.Tail == TailKind.Bytes
            && !seen.LaterFrameBeyondWindow),
        (RecoveryCase.DamageAboveWatermark, seen => IsOpen(seen) && !seen.EndsBelowWatermark
            && seen.Tail == TailKind.Bytes && seen.LaterFrameBeyondWindow),
    ];

    private static IEnumerable<RecoveryEvidence> AllEvidence =>
        from index in Enum.GetValues<IndexVerdict>()
        from isBelow in new[] { false, true }
        from tail in Enum.GetValues<TailKind>()
        from hasLater in new[] { false, true }
        select new RecoveryEvidence(index, isBelow, tail, hasLater);

    [Fact]
    public void Each_combination_should_match_one_row_and_no_other()
    {
        var combinations = AllEvidence.ToList();
        foreach (var seen in combinations)
            Assert.Equal(seen.Classify(), Assert.Single(Rows, row => row.Matches(seen)).Row);
        Assert.Equal(
            Enum.GetValues<RecoveryCase>().Order(), combinations.Select(seen => seen.Classify()).Distinct().Order());
        output.WriteLine($"{combinations.Count} combinations, {Rows.Length} rows");
    }

    [Fact]
    public void Each_disk_should_be_opened_as_its_row_says()
    {
        var count = 0;
        foreach (var index in Enum.GetValues<IndexImage>())
        {
            foreach (var watermark in new[] { 0, 1, RecordCount, RecordCount + 1 })
            {
                foreach (var tail in Enum.GetValues<TailImage>())
                {
                    AssertOpens(index, watermark, tail);
                    count++;
                }
            }
        }

        output.WriteLine($"{count} disks");
    }

    private static bool IsOpen(RecoveryEvidence seen) => seen.Index is IndexVerdict.Lost or IndexVerdict.Active;

    private static void AssertOpens(IndexImage index, int watermarkRecords, TailImage tail)
    {
        var disk = Image(index, watermarkRecords, tail);
        var before = disk.ReadAll(SampleLog.At(SampleLog.FirstLog));
        var isClean = index == IndexImage.Clean && watermarkRecords == RecordCount && tail == TailImage.None;
        var isKnown = index is IndexImage.Active or IndexImage.Clean or IndexImage.OneSlotBad;
        var isDamaged = index == IndexImage.Sealed
            || (isKnown && watermarkRecords > RecordCount)
            || tail == TailImage.FrameBeyondWindow;
        var what = $"{index}, watermark at {watermarkRecords} of {RecordCount} records, tail {tail}";
        try
        {
            using var log = Workload.Open(disk, SampleLog.Options);
            Assert.False(isDamaged, $"{what}: opened");
            Assert.Equal(RecordCount, log.NextOffset);
            for (var offset = 0; offset < RecordCount; offset++)
                Assert.Equal(Payload(offset), log.Read(offset));
            Assert.Equal(EndPosition, disk.ReadAll(SampleLog.At(SampleLog.FirstLog)).Length);
            var isTorn = tail is TailImage.TornFrame or TailImage.HalfBatch or TailImage.FrameWithinWindow;
            Assert.Equal(isTorn, disk.Stat(SampleLog.At("set-aside")) is not null);
            var writes = disk.Operations
                .Where(operation => operation.Kind == DiskOperationKind.Write && operation.Name == SampleLog.FirstLog);
            Assert.Equal(isKnown && watermarkRecords == RecordCount ? 0 : 1, writes.Count());
            Assert.True(
                !isClean || disk.Operations.All(operation => operation.Name != SampleLog.FirstLog),
                $"{what}: a clean log was touched");
        }
        catch (WalFaultException e)
        {
            Assert.True(isDamaged, $"{what}: {e.Message}");
            Assert.Equal(before, disk.ReadAll(SampleLog.At(SampleLog.FirstLog)));
        }
        catch (Exception e) when (e is not WalFaultException)
        {
            throw new BrokenPromiseException($"{what}: {e}");
        }
    }

    /// <summary>A log of one segment, built byte by byte.</summary>
    private static SimulatedDisk Image(IndexImage index, int watermarkRecords, TailImage tail)
    {
        var disk = new SimulatedDisk();
        Workload.Open(disk, SampleLog.Options).Close();
        disk = disk.Kill();
        var logId = Manifest.Decode(disk.ReadAll(SampleLog.At("MANIFEST")), "MANIFEST").LogId;
        var header = SegmentHeader.Create(logId, 0);
        List<byte> log = [.. header.Encode()];
        List<byte> entries = [];
        for (var offset = 0; offset < RecordCount; offset++)
        {
            entries.AddRange(BitConverter.GetBytes(log.Count));
            log.AddRange(FrameOf(header, offset, Payload(offset)));
        }

        log.AddRange(Tail(header, tail));
        disk.Overwrite(SampleLog.At(SampleLog.FirstLog), [.. log]);
        disk.Overwrite(SampleLog.At(SampleLog.FirstIndex), Index(index, header, watermarkRecords, [.. entries]));
        if (index == IndexImage.Missing)
            disk.Lose(SampleLog.At(SampleLog.FirstIndex));
        return disk.Kill();
    }

    private static byte[] Tail(SegmentHeader header, TailImage tail)
    {
        // The record at 3 is torn or missing. A whole record at 4 follows, at different distances.
        var later = FrameOf(header, RecordCount + 1, Payload(RecordCount + 1));
        return tail switch
        {
            TailImage.Zeros => new byte[500],
            TailImage.TornFrame => FrameOf(header, RecordCount, Payload(RecordCount))[..^5],
            TailImage.HalfBatch => FrameOf(header, RecordCount, Payload(RecordCount), continues: true),
            TailImage.FrameWithinWindow => [.. new byte[SampleLog.Options.MaxCommitBytes], .. later],
            TailImage.FrameBeyondWindow => [.. new byte[SampleLog.Options.MaxCommitBytes + 1], .. later],
            _ => [],
        };
    }

    private static byte[] Index(IndexImage index, SegmentHeader header, int watermarkRecords, byte[] entries)
    {
        var state = index switch
        {
            IndexImage.Clean => IndexState.Clean,
            IndexImage.Sealed => IndexState.Sealed,
            _ => IndexState.Active,
        };
        var watermark = new Watermark(
            watermarkRecords, SegmentHeader.SizeBytes + (watermarkRecords * FrameBytes));
        var bytes = new byte[IndexSlot.EntriesAt + entries.Length];
        entries.CopyTo(bytes, IndexSlot.EntriesAt);
        var known = entries.AsSpan(0, Math.Min(entries.Length, watermarkRecords * IndexSlot.EntryBytes));
        var slot = new IndexSlot(
            state, header.Salt, 0, 6, watermark, (ulong)SampleLog.Options.MaxCommitBytes, 0, Crc32C.Compute(known));
        slot.Encode(bytes.AsSpan((int)slot.WriteAt));
        var other = slot with
        {
            Sequence = 5, State = IndexState.Active, Watermark = new Watermark(0, SegmentHeader.SizeBytes),
        };
        other.Encode(bytes.AsSpan((int)other.WriteAt));
        if (index is IndexImage.OneSlotBad or IndexImage.BothSlotsBad)
            bytes[other.WriteAt + 40] ^= 1;
        if (index == IndexImage.BothSlotsBad)
            bytes[slot.WriteAt + 40] ^= 1;
        return index == IndexImage.Short ? bytes[..50] : bytes;
    }

    private static byte[] FrameOf(SegmentHeader header, long offset, byte[] payload, bool continues = false)
    {
        var frame = new byte[Frame.SizeOf(payload.Length)];
        Frame.Encode(frame, payload, Frame.SaltState(header.Salt), offset, continues);
        return frame;
    }

    private static byte[] Payload(long offset) => [.. Enumerable.Repeat((byte)(offset + 1), RecordBytes)];

    private enum IndexImage
    {
        Missing,
        Short,
        BothSlotsBad,
        OneSlotBad,
        Active,
        Clean,
        Sealed,
    }

    private enum TailImage
    {
        None,
        Zeros,
        TornFrame,
        HalfBatch,
        FrameWithinWindow,
        FrameBeyondWindow,
    }
}
