using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.Workloads;

/// <summary>
/// A small log in a known state, for damage: two sealed segments and an active one, each with a few records and a
/// batch.
/// </summary>
internal sealed class SampleLog
{
    public const string FirstLog = "00000000.log", FirstIndex = "00000000.index";

    private SampleLog(SimulatedDisk disk, IReadOnlyList<byte[]> payloads, long activeBase) =>
        (Disk, Payloads, ActiveBase) = (disk, payloads, activeBase);

    /// <summary>Never opened or changed: tests work on copies.</summary>
    public SimulatedDisk Disk { get; }

    /// <summary>The payloads by offset. All were acknowledged.</summary>
    public IReadOnlyList<byte[]> Payloads { get; }

    public long ActiveBase { get; }

    public static WalOptions Options { get; } = new()
    {
        MaxCommitBytes = WalOptions.SmallestCommitBytes, Clock = FrozenClock.Instance,
    };

    public string ActiveLog => $"{ActiveBase:D8}.log";

    public string ActiveIndex => $"{ActiveBase:D8}.index";

    public static string At(string name) => $"{Workload.Directory}/{name}";

    /// <summary>The log as its process left it: after a clean stop, or killed right after an acknowledgement.</summary>
    public static SampleLog Build(bool isStoppedCleanly)
    {
        var disk = new SimulatedDisk();
        List<byte[]> payloads = [];
        using var log = Workload.Open(disk, Options);
        for (var segment = 0; segment < 3; segment++)
        {
            if (segment > 0)
                log.SealActive();
            foreach (var size in new[] { 5, 0, 17 })
            {
                payloads.Add(Payload(payloads.Count, size));
                log.Append(payloads[^1]);
                log.Commit();
            }

            AppendBatch(log, payloads, 3, 9, 1);
        }

        var activeBase = log.Segments[^1].StartOffset;
        if (isStoppedCleanly)
            log.Close();
        return new SampleLog(disk.Kill(), payloads, activeBase);
    }

    /// <summary>Appends a batch as one commit.</summary>
    public static void AppendBatch(SegmentedLog log, List<byte[]> payloads, params int[] sizes)
    {
        var batch = sizes.Select((size, i) => Payload(payloads.Count + i, size)).ToList();
        log.AppendBatch(batch.ConvertAll(payload => (ReadOnlyMemory<byte>)payload));
        log.Commit();
        payloads.AddRange(batch);
    }

    /// <summary>
    /// Opens a damaged log and reads all of it. Records that are returned must be right; missing and damaged ones must
    /// be reported.
    /// </summary>
    /// <param name="disk">The damaged disk.</param>
    /// <param name="leastCount">
    /// The least number of records that must be there, readable or reported as damaged.
    /// </param>
    /// <returns>How the damage was reported.</returns>
    public Detection Read(SimulatedDisk disk, long leastCount)
    {
        var before = Contents(disk);
        var told = LookWithoutWriting(disk);
        SegmentedLog log;
        try
        {
            log = Workload.Open(disk, Options);
        }
        catch (WalFaultException e)
        {
            Assert.StartsWith("/data/log/", e.Path, StringComparison.Ordinal);
            Assert.Equal(before, Contents(disk));
            Assert.Equal(e.Message, told?.Message);
            Assert.Equal((0, 0), (disk.OpenHandleCount, disk.HeldLockCount));
            return new Detection(e, []);
        }

        using (log)
        {
            Assert.InRange(log.NextOffset, leastCount, Payloads.Count);
            List<long> damaged = [];
            for (var offset = log.StartOffset; offset < log.NextOffset; offset++)
            {
                try
                {
                    Assert.Equal(Payloads[(int)offset], log.Read(offset));
                }
                catch (WalFaultException)
                {
                    damaged.Add(offset);
                }
            }

            return new Detection(null, damaged);
        }
    }

    /// <summary>
    /// Reads the log with a reader that may not write. Records that are returned must be right, and nothing may be
    /// changed.
    /// </summary>
    /// <returns>The damage that the reader reported; null if there was none.</returns>
    private WalFaultException? LookWithoutWriting(SimulatedDisk disk)
    {
        var operations = disk.Operations.Count;
        try
        {
            using var reader = LogReader.Open(Workload.Directory, files: disk);
            for (var offset = reader.StartOffset; offset < reader.NextOffset; offset++)
            {
                try
                {
                    Assert.Equal(Payloads[(int)offset], reader.Read(offset));
                }
                catch (WalFaultException)
                {
                    // The record is refused.
                }
            }

            return reader.Damage;
        }
        catch (WalFaultException e)
        {
            return e;
        }
        finally
        {
            Assert.Equal(operations, disk.Operations.Count);
        }
    }

    /// <summary>Appends, stops and opens again. A log whose damage was harmless must have all its records.</summary>
    public void GoOn(SimulatedDisk disk, long count)
    {
        var more = Payload(1000, 30);
        using (var log = Workload.Open(disk, Options))
        {
            Assert.Equal(count, log.NextOffset);
            log.Append(more);
            log.Commit();
        }

        using var again = Workload.Open(disk.PowerCut(new Random(1)), Options);
        for (var offset = 0; offset < count; offset++)
            Assert.Equal(Payloads[offset], again.Read(offset));
        Assert.Equal(more, again.Read(count));
        Assert.Equal(count + 1, again.NextOffset);
    }

    private static List<string> Contents(SimulatedDisk disk) =>
    [
        .. disk.List(Workload.Directory).Where(entry => entry.Name != "LOCK")
            .Select(entry => entry.Kind == Storage.Files.WalEntryKind.File
            ? $"{entry.Name} {Convert.ToHexString(disk.ReadAll(At(entry.Name)))}"
            : entry.Name).Order(StringComparer.Ordinal),
    ];

    private static byte[] Payload(int offset, int size) =>
        [.. Enumerable.Range(0, size).Select(i => (byte)((offset * 31) + i + 1))];
}

/// <summary>How damage was reported: by a refused opening, by damaged records, or not at all.</summary>
internal sealed record Detection(WalFaultException? Refusal, IReadOnlyList<long> DamagedOffsets)
{
    public bool IsHarmless => Refusal is null && DamagedOffsets.Count == 0;
}
