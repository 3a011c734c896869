using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.PowerCuts;

/// <summary>
/// The run of one seed: a few processes open a log, one after the other, on the same disk. After each disk operation,
/// also during recovery, the disk is copied as a crash could leave it. A recovery of the copy is checked against the
/// oracle. Some copies are first read and verified by a reader that may not write. The next process goes on from one of
/// the copies.
/// <code>
///   life 1:  op op op op op op op
///             |  |  |  |  |  |  |      each: cut, recover, check; some: cut inside that recovery, cut right behind it,
///             x  x  x  x  |  x  x      go on appending
///   life 2:               op op op op ...
/// </code>
/// </summary>
internal sealed class CrashRun(int seed, FlushPolicy? policy)
{
    private const int Lives = 4, StepsPerLife = 14;

    private readonly Random _random = new(seed);
    private readonly int? _payloadBytes = (seed % 4) switch { 0 => seed % 40, 1 => 600 + (seed % 1000), _ => null };
    private string _life = "";

    public long Cuts { get; private set; }

    /// <summary>The number of times that the log was read and verified without being opened.</summary>
    public long Looks { get; private set; }

    /// <exception cref="BrokenPromiseException">Its message has the seed and the trace.</exception>
    public void Run()
    {
        var disk = new SimulatedDisk();
        var oracle = new Oracle();
        for (var life = 1; life <= Lives; life++)
        {
            try
            {
                (disk, oracle) = Live(disk, oracle, life);
            }
            catch (Exception e)
            {
                var run = $"seed {seed}{(policy is null ? "" : $", {policy}")}, life {life}, {_life}, cut {Cuts}";
                throw BrokenPromiseException.InRun(run, seed, disk, e);
            }
        }
    }

    private (SimulatedDisk Disk, Oracle Oracle) Live(SimulatedDisk disk, Oracle oracle, int life)
    {
        var options = Workload.AnyOptions(_random, policy ?? Policies.Any(_random), _payloadBytes);
        _life = $"{options.Flush}, segments of {options.MaxSegmentBytes}";
        (SimulatedDisk Disk, Oracle Oracle)? heir = null;
        var seen = 0;
        using var workload = new Workload(disk, oracle, _random, options, _payloadBytes);
        disk.AfterOperation = _ =>
        {
            var (after, expected) = Cut(disk, oracle);
            if (_random.Next(++seen) == 0)
                heir = (after.Kill(), expected.Fork());
            Recover(after, expected, options, isNested: false);
        };
        workload.Open();
        for (var step = _random.Next(StepsPerLife) + life; step > 0; step--)
            workload.Step();
        disk.AfterOperation = null;
        return heir ?? (disk.Kill(), oracle);
    }

    private (SimulatedDisk Disk, Oracle Oracle) Cut(SimulatedDisk disk, Oracle oracle)
    {
        Cuts++;
        var expected = oracle.Fork();
        if (_random.Next(8) == 0)
            return (disk.Kill(), expected);
        expected.PowerWasCut();
        return (disk.PowerCut(_random), expected);
    }

    private void Recover(SimulatedDisk disk, Oracle oracle, WalOptions options, bool isNested)
    {
        if (!isNested && _random.Next(16) == 0)
        {
            disk.AfterOperation = _ =>
            {
                var (after, expected) = Cut(disk, oracle);
                Recover(after, expected, options, isNested: true);
            };
        }

        var readable = isNested || _random.Next(4) != 0 ? null : LookWithoutWriting(disk, oracle);
        using var workload = new Workload(disk, oracle, _random, options, _payloadBytes);
        workload.Open();
        BrokenPromiseException.Unless(
            readable is null || readable == workload.Log.NextOffset,
            $"{readable} records could be read, and a recovery found {workload.Log.NextOffset}");
        disk.AfterOperation = null;
        if (_random.Next(4) == 0)
        {
            // The records that a recovery found must survive the next power cut, even if it keeps nothing unsynced.
            Cuts++;
            OpenAndCheck(disk.PowerCut(_random, new CutMode(KeptBytes.None, KeptNames.None)), oracle.Fork(), options);
        }

        if (_random.Next(4) == 0)
        {
            // Records that the recovery dropped must not come back behind new ones.
            workload.Append();
            workload.Commit();
            var (after, expected) = Cut(disk, oracle);
            OpenAndCheck(after, expected, options);
            workload.AppendBatch();
            workload.Reopen();
        }
    }

    /// <summary>
    /// Reads and verifies the log before it is recovered: all records are there, there are no faults, and nothing is
    /// changed.
    /// </summary>
    /// <returns>The end of the records that can be read; null if there is no log yet.</returns>
    private long? LookWithoutWriting(SimulatedDisk disk, Oracle oracle)
    {
        var operations = disk.Operations.Count;
        LogReader reader;
        try
        {
            reader = LogReader.Open(Workload.Directory, files: disk);
        }
        catch (WalException) when (oracle.WrittenNextOffset == 0)
        {
            return null;
        }

        using (reader)
        {
            BrokenPromiseException.Unless(reader.Damage is null, $"a cut did damage: {reader.Damage?.Message}");
            oracle.CheckReadable(reader);
            // If a process saw a seal mark that was never synced, a cut can lose it although the MANIFEST names its
            // segment (row S6). The only cost is a scan.
            var faults = LogVerifier.Verify(Workload.Directory, files: disk).Faults
                .Where(fault => fault.Expected != "a sealed mark").ToList();
            BrokenPromiseException.Unless(
                faults.Count == 0, $"a cut left what verifying calls a fault: {string.Join("; ", faults)}");
            BrokenPromiseException.Unless(disk.Operations.Count == operations, "reading changed the disk");
            Looks++;
            return reader.NextOffset;
        }
    }

    private void OpenAndCheck(SimulatedDisk disk, Oracle oracle, WalOptions options)
    {
        using var workload = new Workload(disk, oracle, _random, options, _payloadBytes);
        workload.Open();
    }
}

internal static class Policies
{
    private static readonly FlushPolicy[] All = Enum.GetValues<FlushPolicy>();

    public static FlushPolicy Any(Random random) => All[random.Next(All.Length)];
}
