using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.TestKit;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Rot;

/// <summary>
/// Every bit of every file is flipped, one at a time. Each flip is detected or harmless, and wrong bytes are never
/// returned.
/// </summary>
[Trait("Suite", "Rot")]
public sealed class BitRotSpec(ITestOutputHelper output) : IDisposable
{
    private static readonly SampleLog Stopped = SampleLog.Build(isStoppedCleanly: true);
    private static readonly SampleLog Killed = SampleLog.Build(isStoppedCleanly: false);

    private int _count;

    public static TheoryData<bool> CleanStop => [true, false];

    public void Dispose()
    {
        if (_count > 0)
            output.WriteLine($"{_count} damaged logs");
    }

    [Theory]
    [MemberData(nameof(CleanStop))]
    public void Flip_in_a_sealed_log_should_cost_the_record_that_it_hit_and_no_other(bool isStoppedCleanly)
    {
        var sample = Sample(isStoppedCleanly);
        const int headerBytes = 64;
        var segmentRecords = (int)(sample.Payloads.Count / 3);
        foreach (var (disk, position) in Flips(sample, SampleLog.FirstLog))
        {
            var detection = sample.Read(disk, sample.Payloads.Count);
            if (position < headerBytes && !isStoppedCleanly)
            {
                // The MANIFEST does not know the segment yet, so the opening reads it.
                Assert.Equal(SampleLog.At(SampleLog.FirstLog), detection.Refusal?.Path);
                continue;
            }

            Assert.Null(detection.Refusal);
            if (position < headerBytes)
                Assert.Equal(segmentRecords, detection.DamagedOffsets.Count);
            else
                Assert.Equal([RecordAt(sample, position)], detection.DamagedOffsets);
        }
    }

    [Theory]
    [MemberData(nameof(CleanStop))]
    public void Flip_in_a_sealed_index_should_be_harmless(bool isStoppedCleanly)
    {
        var sample = Sample(isStoppedCleanly);
        foreach (var (disk, position) in Flips(sample, SampleLog.FirstIndex))
        {
            var detection = sample.Read(disk, sample.Payloads.Count);
            Assert.True(detection.IsHarmless, $"byte {position}: {detection}");
        }
    }

    [Theory]
    [MemberData(nameof(CleanStop))]
    public void Flip_in_the_manifest_should_refuse_to_open(bool isStoppedCleanly)
    {
        var sample = Sample(isStoppedCleanly);
        foreach (var (disk, _) in Flips(sample, "MANIFEST"))
            Assert.Equal(SampleLog.At("MANIFEST"), sample.Read(disk, 0).Refusal?.Path);
    }

    [Theory]
    [MemberData(nameof(CleanStop))]
    public void Flip_in_the_active_log_should_be_detected(bool isStoppedCleanly)
    {
        var sample = Sample(isStoppedCleanly);
        foreach (var (disk, position) in Flips(sample, sample.ActiveLog))
        {
            if (position >= sample.Disk.ReadAll(SampleLog.At(sample.ActiveLog)).AsSpan().TrimEnd((byte)0).Length)
                continue; // reserved space: cut at the opening
            var detection = sample.Read(disk, sample.Payloads.Count);
            Assert.False(detection.IsHarmless, $"byte {position} is served");
            Assert.True(detection.Refusal is not null || detection.DamagedOffsets.Count == 1);
        }
    }

    [Theory]
    [MemberData(nameof(CleanStop))]
    public void Flip_in_the_active_index_should_be_harmless(bool isStoppedCleanly)
    {
        var sample = Sample(isStoppedCleanly);
        foreach (var (disk, position) in Flips(sample, sample.ActiveIndex))
        {
            Assert.True(sample.Read(disk.Kill(), sample.Payloads.Count).IsHarmless, $"byte {position}");
            sample.GoOn(disk, sample.Payloads.Count);
        }
    }

    [Theory]
    [MemberData(nameof(CleanStop))]
    public void Lost_file_should_be_detected_and_a_lost_index_made_up_for(bool isStoppedCleanly)
    {
        var sample = Sample(isStoppedCleanly);
        foreach (var entry in sample.Disk.List(Workload.Directory).Where(entry => entry.Name != "LOCK"))
        {
            var disk = sample.Disk.Kill();
            disk.Lose(SampleLog.At(entry.Name));
            var detection = sample.Read(disk, sample.Payloads.Count);
            Assert.Equal(entry.Name.EndsWith(".index", StringComparison.Ordinal), detection.IsHarmless);
            Assert.True(detection.IsHarmless || detection.Refusal is not null, entry.Name);
        }
    }

    [Theory]
    [MemberData(nameof(CleanStop))]
    public void Shortened_or_zeroed_file_should_be_detected_at_every_byte(bool isStoppedCleanly)
    {
        var sample = Sample(isStoppedCleanly);
        foreach (var name in sample.Disk.List(Workload.Directory).Select(entry => entry.Name)
            .Where(name => name != "LOCK"))
        {
            var whole = sample.Disk.ReadAll(SampleLog.At(name));
            var end = whole.AsSpan().TrimEnd((byte)0).Length;
            for (var keep = 0; keep < end; keep++)
            {
                var zeroed = (byte[])whole.Clone();
                zeroed.AsSpan(keep).Clear();
                foreach (var left in new[] { whole[..keep], zeroed })
                {
                    var disk = sample.Disk.Kill();
                    disk.Overwrite(SampleLog.At(name), left);
                    _count++;
                    var detection = sample.Read(disk, sample.Payloads.Count);
                    Assert.Equal(name.EndsWith(".index", StringComparison.Ordinal), detection.IsHarmless);
                }
            }
        }
    }

    [Fact]
    public void Segments_that_changed_places_should_be_detected()
    {
        var disk = Stopped.Disk.Kill();
        var second = $"{Stopped.Payloads.Count / 3:D8}";
        foreach (var suffix in new[] { ".log", ".index" })
        {
            var (first, other) =
                (disk.ReadAll(SampleLog.At($"00000000{suffix}")), disk.ReadAll(SampleLog.At(second + suffix)));
            disk.Overwrite(SampleLog.At($"00000000{suffix}"), other);
            disk.Overwrite(SampleLog.At(second + suffix), first);
        }

        Assert.Equal(2 * Stopped.Payloads.Count / 3, Stopped.Read(disk, Stopped.Payloads.Count).DamagedOffsets.Count);
    }

    [Fact]
    public void Frames_that_changed_places_should_be_detected()
    {
        // Copies the first record (5 bytes) over the start of the third one (17 bytes): a whole frame of the same file.
        const int frameBytes = 8 + 5, thirdAt = 64 + frameBytes + 8;
        var bytes = Stopped.Disk.ReadAll(SampleLog.At(SampleLog.FirstLog));
        bytes.AsSpan(64, frameBytes).CopyTo(bytes.AsSpan(thirdAt));
        var disk = Stopped.Disk.Kill();
        disk.Overwrite(SampleLog.At(SampleLog.FirstLog), bytes);
        Assert.Equal([2L], Stopped.Read(disk, Stopped.Payloads.Count).DamagedOffsets);
    }

    [Fact]
    public void Frames_of_an_older_life_should_be_detected()
    {
        // Another file of the same name has the same positions, offsets, lengths and payloads. Only the salt differs.
        var older = SampleLog.Build(isStoppedCleanly: true).Disk.ReadAll(SampleLog.At(SampleLog.FirstLog));
        var mixed = Stopped.Disk.ReadAll(SampleLog.At(SampleLog.FirstLog));
        older.AsSpan(64).CopyTo(mixed.AsSpan(64));
        var disk = Stopped.Disk.Kill();
        disk.Overwrite(SampleLog.At(SampleLog.FirstLog), mixed);
        Assert.Equal(Stopped.Payloads.Count / 3, Stopped.Read(disk, Stopped.Payloads.Count).DamagedOffsets.Count);
    }

    [Fact]
    public void Segment_of_another_log_should_be_detected()
    {
        var disk = Stopped.Disk.Kill();
        foreach (var name in new[] { SampleLog.FirstLog, SampleLog.FirstIndex })
            disk.Overwrite(
                SampleLog.At(name), SampleLog.Build(isStoppedCleanly: true).Disk.ReadAll(SampleLog.At(name)));

        Assert.Equal(Stopped.Payloads.Count / 3, Stopped.Read(disk, Stopped.Payloads.Count).DamagedOffsets.Count);
    }

    [Fact]
    public void Link_in_place_of_a_segment_should_be_refused()
    {
        foreach (var name in new[] { SampleLog.FirstLog, Stopped.ActiveLog })
        {
            var disk = Stopped.Disk.Kill();
            disk.PlaceOther(SampleLog.At(name));
            Assert.NotNull(Stopped.Read(disk, 0).Refusal);
        }
    }

    private static SampleLog Sample(bool isStoppedCleanly) => isStoppedCleanly ? Stopped : Killed;

    private IEnumerable<(SimulatedDisk Disk, int Position)> Flips(SampleLog sample, string name)
    {
        var length = Math.Min(sample.Disk.ReadAll(SampleLog.At(name)).Length, 2048);
        for (var position = 0; position < length; position++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var disk = sample.Disk.Kill();
                disk.Flip(SampleLog.At(name), position, (byte)(1 << bit));
                _count++;
                yield return (disk, position);
            }
        }
    }

    private static long RecordAt(SampleLog sample, int position)
    {
        var end = 64;
        for (var offset = 0; ; offset++)
        {
            end += 8 + sample.Payloads[offset].Length;
            if (position < end)
                return offset;
        }
    }
}
