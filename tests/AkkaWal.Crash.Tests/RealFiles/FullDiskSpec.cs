using System.Diagnostics;
using AkkaWal.Storage.Format;

namespace AkkaWal.Crash.Tests.RealFiles;

/// <summary>The real node on a disk that is really full: a small tmpfs.</summary>
[Trait("Suite", "RealFiles")]
public sealed class FullDiskSpec
{
    private const int DiskBytes = 1 << 20, BallastBytes = 500_000, PageBytes = 4096;

    [TmpfsFact]
    public void Appends_should_be_answered_14_while_there_is_no_room_and_work_when_there_is() =>
        OnSmallDisk(FillAndGoOn);

    [TmpfsFact]
    public void Torn_tail_on_a_full_disk_should_be_answered_14_and_be_recovered_when_there_is_room() =>
        OnSmallDisk(TearAndFill);

    private static void OnSmallDisk(Action<string, string> test)
    {
        var mount = Directory.CreateTempSubdirectory("akkawal-full-").FullName;
        Assert.Equal(0, LinuxTools.Run("mount", "-t", "tmpfs", "-o", $"size={DiskBytes}", "tmpfs", mount));
        try
        {
            test(Path.Combine(mount, "data"), Path.Combine(mount, "ballast"));
        }
        finally
        {
            Assert.Equal(0, LinuxTools.Run("umount", mount));
            Directory.Delete(mount);
        }
    }

    private static void TearAndFill(string data, string ballast)
    {
        List<string> acknowledged = [];
        using (var node = RunningNode.Initialized(data))
        {
            for (var i = 0; i < 5; i++)
                Assert.True(Add(node, acknowledged, 100));
            node.Kill();
        }

        // Written into the reserved zeros, so that it needs no space.
        using (var log = File.OpenWrite(Path.Combine(data, "n1", "00000000.log")))
        {
            log.Position = SegmentHeader.SizeBytes + (5 * Frame.SizeOf(100));
            log.Write([1, 2, 3]);
        }

        FillUp(ballast);
        using (var node = RunningNode.Initialized(data))
        {
            Assert.False(Add(node, acknowledged, 100));
            Assert.Equal(14, RunningNode.CodeOf(node.Ask(RunningNode.Request("wal_read", ("offset", 0)))));
            File.Delete(ballast);
            var clock = Stopwatch.StartNew();
            while (!Add(node, acknowledged, 100))
                Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"still no room: {node.Notes}");
            Assert.Equal(acknowledged, node.ReadAll());
            Assert.Single(Directory.GetFiles(Path.Combine(data, "n1", "set-aside")));
            Assert.Equal(0, node.End());
        }
    }

    private static void FillUp(string ballast)
    {
        using var file = new FileStream(ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (file.Position < 2 * DiskBytes)
                file.Write(new byte[PageBytes]);
        }
        catch (IOException)
        {
            // The disk is full.
        }
    }

    private static void FillAndGoOn(string data, string ballast)
    {
        File.WriteAllBytes(ballast, new byte[BallastBytes]);
        List<string> acknowledged = [];
        using (var node = RunningNode.Initialized(data, "--max-segment-bytes", "100000"))
        {
            Assert.True(Fill(node, acknowledged) > 20, "the disk was full at once");
            // Small records may still fit, and failed appends lose nothing.
            for (var i = 0; i < 10; i++)
                Add(node, acknowledged, i % 2 == 0 ? 9000 : 20);
            Assert.Equal(acknowledged, node.ReadAll());

            File.Delete(ballast);
            var before = acknowledged.Count;
            Assert.True(Fill(node, acknowledged) > 20, $"no room was found again: {acknowledged.Count - before}");
            Assert.Equal(acknowledged, node.ReadAll());
            node.Kill();
        }

        // The disk is still full, and all acknowledged records are there.
        using (var node = RunningNode.Initialized(data, "--max-segment-bytes", "100000"))
        {
            Assert.Equal(acknowledged, node.ReadAll());
            node.Kill();
        }
    }

    private static int Fill(RunningNode node, List<string> acknowledged)
    {
        var count = 0;
        while (Add(node, acknowledged, 4000))
            count++;
        return count;
    }

    private static bool Add(RunningNode node, List<string> acknowledged, int size)
    {
        var payload = $"{acknowledged.Count}:".PadRight(size, 'x');
        var reply = node.Append(payload);
        if (RunningNode.CodeOf(reply) == 14)
            return false;
        Assert.True(RunningNode.TypeOf(reply) == "wal_append_ok", $"{reply}\n{node.Notes}");
        Assert.Equal(acknowledged.Count, reply.GetProperty("offset").GetInt64());
        acknowledged.Add(payload);
        return true;
    }
}
