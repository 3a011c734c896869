using AkkaWal.TestKit;
using AkkaWal.Storage;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Crash.Tests.Durability;

/// <summary>
/// Everything that one seed decides: a few lives of a log, one after the other on the same disk. After each operation
/// of a life, recovery included, the disk is cut in some way, and a recovery of what is left is held against the
/// oracle. The next life goes on from one of those cuts. Some are read and verified first by a reader that may not
/// write.
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

    /// <summary>How often the log was read and verified without being opened.</summary>
    public long Looks { get; private set; }

    /// <exception cref="BrokenPromiseException">With the seed and the trace in its message.</exception>
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
                throw new BrokenPromiseException(
                    $"seed {seed}{(policy is null ? "" : $", {policy}")}, life {life}, {_life}, cut {Cuts}: "
                    + $"{e.Message}\nrun it alone: AKKAWAL_SEED={seed}\nthe life's operations:\n  "
                    + $"{string.Join("\n  ", disk.Operations.TakeLast(60))}\n{e}");
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
            // What recovery served must outlive the next cut at its worst.
            Cuts++;
            OpenAndCheck(disk.PowerCut(_random, new CutMode(KeptBytes.None, KeptNames.None)), oracle.Fork(), options);
        }

        if (_random.Next(4) == 0)
        {
            // Nothing that recovery dropped may show behind what comes in its place.
            workload.Append();
            workload.Commit();
            var (after, expected) = Cut(disk, oracle);
            OpenAndCheck(after, expected, options);
            workload.AppendBatch();
            workload.Reopen();
        }
    }

    /// <summary>
    /// Reads and verifies the log before it is recovered: all is there, nothing is wrong, and nothing is changed.
    /// </summary>
    /// <returns>The end of what can be read; null where there is no log yet.</returns>
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
            // A seal mark that one process saw and none had synced may be lost although the MANIFEST names its segment:
            // S6, which costs a walk.
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
