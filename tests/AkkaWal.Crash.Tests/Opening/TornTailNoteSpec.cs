using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Recovery;
using AkkaWal.TestKit;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Opening;

/// <summary>
/// The bytes that an opening cuts are kept once and reported once, even if a later step of that opening and the next
/// openings fail. The bytes that are kept are bounded.
/// </summary>
[Trait("Suite", "RecoveryTable")]
public sealed class TornTailNoteSpec(ITestOutputHelper output)
{
    private const int Starts = 5;

    private static readonly SampleLog Sample = SampleLog.Build(isStoppedCleanly: false);
    private static readonly byte[] Torn = [1, 2, 3, 4, 5];

    private static SimulatedDisk NewDisk()
    {
        var disk = Sample.Disk.Kill();
        var log = SampleLog.At(Sample.ActiveLog);
        var end = disk.ReadAll(log).AsSpan().TrimEnd((byte)0).Length;
        disk.Overwrite(log, [.. disk.ReadAll(log).AsSpan(0, end), .. Torn]);
        return disk;
    }

    private static SegmentedLog Open(SimulatedDisk disk, List<string> notes) =>
        SegmentedLog.Open(Workload.Directory, SampleLog.Options, disk, notes.Add);

    private static List<string> Kept(SimulatedDisk disk) =>
        disk.Stat(SampleLog.At("set-aside")) is null
            ? [] : [.. disk.List(SampleLog.At("set-aside")).Select(entry => entry.Name)];

    [Fact]
    public void Starts_that_fail_at_any_step_should_keep_one_copy_and_tell_once()
    {
        var steps = 0;
        foreach (var fault in new[] { DiskFault.Error, DiskFault.NoSpace })
        {
            for (var failAt = 1; ; failAt++, steps++)
            {
                var disk = NewDisk();
                List<string> notes = [];
                var fails = Enumerable.Range(0, Starts).Count(_ => FailsAt(disk, failAt, fault, notes));
                if (fails == 0) break;
                using (var log = Open(disk, notes)) Assert.Equal(Sample.Payloads.Count, log.NextOffset);
                var cut = notes.Where(note => note.Contains("unfinished commit", StringComparison.Ordinal)).ToList();
                var name = Assert.Single(Kept(disk), name => name.EndsWith(".torn", StringComparison.Ordinal));
                Assert.Equal(Torn, disk.ReadAll(SampleLog.At($"set-aside/{name}")));
                Assert.True(
                    cut.Count == 1, $"'{fault.Reason}' at step {failAt}, {fails} times: told {cut.Count} times");
                Assert.Contains(name, cut[0], StringComparison.Ordinal);
            }
        }
        Assert.True(steps > 20);
        output.WriteLine($"{steps} steps failed {Starts} times in a row");
    }

    private static bool FailsAt(SimulatedDisk disk, int failAt, DiskFault fault, List<string> notes)
    {
        var step = 0;
        disk.Faults = _ => ++step == failAt ? fault : null;
        try
        {
            Open(disk, notes).Close();
            return false;
        }
        catch (WalException)
        {
            return true;
        }
        finally
        {
            disk.Faults = null;
        }
    }

    [Fact]
    public void Kept_tails_should_be_bounded_and_the_oldest_go_with_a_note()
    {
        var disk = Sample.Disk.Kill();
        List<string> notes = [];
        for (var life = 0; life < SetAside.MaxFiles + 3; life++)
        {
            using (var log = Open(disk, notes))
            {
                log.Append([(byte)(life + 1)]);
                log.Commit();
                disk = disk.Kill();
            }
            var path = SampleLog.At(Sample.ActiveLog);
            var end = disk.ReadAll(path).AsSpan().TrimEnd((byte)0).Length;
            disk.Overwrite(path, [.. disk.ReadAll(path).AsSpan(0, end), .. Torn, (byte)(life + 1)]);
        }
        using (Open(disk, notes))
        {
        }
        var kept = Kept(disk);
        Assert.Equal(SetAside.MaxFiles, kept.Count);
        var removed = notes.Where(note => note.Contains("was removed", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, removed.Count);
        // The last file is there, the first one is not.
        Assert.DoesNotContain(kept, name => removed.Any(note => note.Contains(name, StringComparison.Ordinal)));
        var positions = kept
            .Select(name => long.Parse(name.Split('.')[2], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        var gone = removed.Select(note => long.Parse(
            Path.GetFileName(note.Split(' ')[0]).Split('.')[2], System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(gone.Max() < positions.Min());
    }

    [Fact]
    public void Folders_of_repairs_should_be_left_alone()
    {
        var disk = Sample.Disk.Kill();
        disk.CreateDirectory(SampleLog.At("set-aside/20200101T000000Z"));
        disk.Overwrite(SampleLog.At("set-aside/20200101T000000Z/MANIFEST"), [1]);
        for (var i = 0; i < SetAside.MaxFiles; i++) disk.Overwrite(SampleLog.At($"set-aside/{i:D8}.log.64.torn"), [1]);
        var path = SampleLog.At(Sample.ActiveLog);
        var end = disk.ReadAll(path).AsSpan().TrimEnd((byte)0).Length;
        disk.Overwrite(path, [.. disk.ReadAll(path).AsSpan(0, end), .. Torn]);
        using (Open(disk, []))
        {
        }
        Assert.Contains(disk.List(SampleLog.At("set-aside")), entry => entry.Kind == WalEntryKind.Directory);
        Assert.Equal([1], disk.ReadAll(SampleLog.At("set-aside/20200101T000000Z/MANIFEST")));
        Assert.Equal(SetAside.MaxFiles + 1, Kept(disk).Count);
    }
}
