using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Rot;

/// <summary>
/// The last batch is cut, zeroed and garbled at every byte. Above the watermark this is a torn write: the whole batch
/// is dropped and the log goes on. Below the watermark it is damage to acknowledged data: the log refuses to open and
/// changes nothing.
/// </summary>
[Trait("Suite", "TornWrites")]
public sealed class TornWriteSpec : IDisposable
{
    /// <summary>The size of the first record of the batch that is damaged.</summary>
    private const int FirstOfBatchBytes = 12;

    private readonly ITestOutputHelper _output;
    private readonly SimulatedDisk _acknowledged;
    private readonly SimulatedDisk _torn;
    private readonly SampleLog _sample = SampleLog.Build(isStoppedCleanly: false);
    private readonly List<byte[]> _payloads;
    private readonly int _countBefore;
    private readonly int _batchStart;
    private readonly int _batchEnd;

    private int _count;

    public TornWriteSpec(ITestOutputHelper output)
    {
        _output = output;
        _payloads = [.. _sample.Payloads];
        _countBefore = _payloads.Count;
        var disk = _sample.Disk.Kill();
        using var log = Workload.Open(disk, SampleLog.Options);
        var indexBefore = disk.ReadAll(SampleLog.At(_sample.ActiveIndex));
        _batchStart = (int)log.Segments[^1].SizeBytes + SegmentHeader.SizeBytes;
        SampleLog.AppendBatch(log, _payloads, FirstOfBatchBytes, 0, 25);
        _batchEnd = (int)log.Segments[^1].SizeBytes + SegmentHeader.SizeBytes;
        _acknowledged = disk.Kill();
        // The watermark is written without a sync, so a power cut may leave the old one.
        _torn = disk.Kill();
        _torn.Overwrite(SampleLog.At(_sample.ActiveIndex), indexBefore);
    }

    public void Dispose()
    {
        if (_count > 0)
            _output.WriteLine($"{_count} damaged logs");
    }

    [Fact]
    public void Batch_above_the_watermark_should_be_there_whole_when_its_bytes_are() =>
        AssertRecovers(_torn.Kill(), _payloads.Count);

    [Fact]
    public void Torn_batch_above_the_watermark_should_go_whole_and_a_copy_be_kept()
    {
        foreach (var bytes in Damages())
        {
            var disk = _torn.Kill();
            disk.Overwrite(SampleLog.At(_sample.ActiveLog), bytes);
            AssertRecovers(disk, _countBefore);
            var tail = bytes.AsSpan(Math.Min(_batchStart, bytes.Length)).TrimEnd((byte)0).ToArray();
            if (tail.Length == 0)
                continue;
            var kept = Assert.Single(disk.List(SampleLog.At("set-aside")));
            Assert.Equal(tail, disk.ReadAll(SampleLog.At($"set-aside/{kept.Name}")));
        }
    }

    [Fact]
    public void Damaged_batch_below_the_watermark_should_refuse_to_open_and_change_nothing()
    {
        var sample = SampleLog.Build(isStoppedCleanly: false);
        foreach (var bytes in Damages())
        {
            var disk = _acknowledged.Kill();
            disk.Overwrite(SampleLog.At(_sample.ActiveLog), bytes);
            var refusal = sample.Read(disk, 0).Refusal;
            Assert.NotNull(refusal);
            Assert.Equal(SampleLog.At(_sample.ActiveLog), refusal.Path);
            Assert.Equal(_batchStart, refusal.Position);
            Assert.Contains($"offset {_countBefore}", refusal.Expected, StringComparison.Ordinal);
            Assert.NotEmpty(refusal.Found);
        }
    }

    [Fact]
    public void Rot_far_above_the_watermark_should_refuse_to_open_where_no_single_commit_explains_it()
    {
        // There are three commits of 3 KiB above an old watermark. The first one rots. The third one was acknowledged
        // after the first was synced.
        var disk = _sample.Disk.Kill();
        using var log = Workload.Open(disk, SampleLog.Options);
        var index = disk.ReadAll(SampleLog.At(_sample.ActiveIndex));
        var rotten = (int)log.Segments[^1].SizeBytes + SegmentHeader.SizeBytes;
        for (var i = 0; i < 3; i++)
        {
            log.Append(Enumerable.Repeat((byte)(i + 1), 3000).ToArray());
            log.Commit();
        }

        var bytes = disk.ReadAll(SampleLog.At(_sample.ActiveLog));
        for (var at = rotten; at < rotten + 3008; at += at < rotten + 16 ? 1 : 11)
        {
            _count++;
            var rot = (byte[])bytes.Clone();
            rot[at] ^= 0x10;
            var after = disk.Kill();
            after.Overwrite(SampleLog.At(_sample.ActiveIndex), index);
            after.Overwrite(SampleLog.At(_sample.ActiveLog), rot);
            var refusal = _sample.Read(after, 0).Refusal;
            Assert.Equal(rotten, refusal?.Position);
        }
    }

    private void AssertRecovers(SimulatedDisk disk, int count)
    {
        using (var log = Workload.Open(disk, SampleLog.Options))
        {
            Assert.Equal(count, log.NextOffset);
            for (var offset = 0; offset < count; offset++)
                Assert.Equal(_payloads[offset], log.Read(offset));
            // As large as the first record of the batch: where it was dropped and not cut, the others would appear.
            log.Append(new byte[FirstOfBatchBytes]);
            log.Commit();
        }

        using var again = Workload.Open(disk.PowerCut(new Random(2)), SampleLog.Options);
        Assert.Equal(count + 1, again.NextOffset);
        Assert.Equal(new byte[FirstOfBatchBytes], again.Read(count));
    }

    /// <summary>
    /// The active log with its last batch damaged. Each version lacks or changes at least one byte that matters.
    /// </summary>
    private IEnumerable<byte[]> Damages()
    {
        var whole = _torn.ReadAll(SampleLog.At(_sample.ActiveLog));
        var random = new Random(3);
        for (var at = _batchStart; at < _batchEnd; at++)
        {
            _count++;
            yield return whole[..at];
            yield return With(whole, bytes => bytes.AsSpan(at).Clear());
            if (whole[at] != 0)
                yield return With(whole, bytes => bytes[at] = 0);
            foreach (var bit in Enumerable.Range(0, 8))
                yield return With(whole, bytes => bytes[at] ^= (byte)(1 << bit));
            yield return With(whole, bytes =>
            {
                random.NextBytes(bytes.AsSpan(at, _batchEnd - at));
                bytes[at] = (byte)~whole[at];
            });
        }
    }

    private byte[] With(byte[] whole, Action<byte[]> change)
    {
        _count++;
        var copy = (byte[])whole.Clone();
        change(copy);
        return copy;
    }
}
