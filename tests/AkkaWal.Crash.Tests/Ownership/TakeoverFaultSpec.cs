using AkkaWal.Storage;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.Ownership;

/// <summary>
/// The power is cut, or a call fails, at each step of an opening that takes a log over. The next opening, by whomever,
/// finds all that was acknowledged.
/// </summary>
[Trait("Suite", "Ownership")]
public sealed class TakeoverFaultSpec
{
    private const int CutsPerOperation = 6;

    private static readonly DiskFault[] Faults =
    [
        DiskFault.Error, DiskFault.NoSpace, DiskFault.NoDescriptors, DiskFault.NotPermitted, DiskFault.NotSupported,
        DiskFault.Error.After(1),
    ];

    private static readonly Dictionary<string, Func<SimulatedDisk, OwnedLog>> Origins = new()
    {
        ["new"] = disk => Stopped(OwnedLog.Open(disk, ""), disk),
        ["plain, stopped"] = disk => Stopped(Filled(OwnedLog.Open(disk, "")), disk),
        ["plain, killed"] = disk => Filled(OwnedLog.Open(disk, "")),
        ["owned, stopped"] = disk => Stopped(Filled(OwnedLog.Open(disk, "a")), disk),
        ["owned, killed"] = disk => Filled(OwnedLog.Open(disk, "a")),
        ["owned, active segment empty"] = disk =>
        {
            var owner = Filled(OwnedLog.Open(disk, "a"));
            owner.Log.SealActive();
            return owner;
        },
        ["owned, torn tail"] = disk =>
        {
            var owner = Filled(OwnedLog.Open(disk, "a"));
            disk.Faults = operation => operation.Kind == DiskOperationKind.Write ? DiskFault.Error.After(0.7) : null;
            Record.Exception(() => owner.Append($"torn {new string('x', 300)}"));
            disk.Faults = null;
            return owner;
        },
        ["owned, roll begun"] = disk =>
        {
            var owner = Filled(OwnedLog.Open(disk, "a"));
            // The successor is there, and the mark is not.
            disk.Faults = operation => operation is { Kind: DiskOperationKind.SyncDirectory } ? DiskFault.Error : null;
            Record.Exception(owner.Log.SealActive);
            disk.Faults = null;
            return owner;
        },
        ["owned, compressed and archived"] = disk =>
        {
            var owner = Filled(OwnedLog.Open(disk, "a"));
            owner.Log.CompressSegment(owner.Log.Segments[0].File);
            owner.Log.ArchiveSegment(owner.Log.Segments[0].File);
            owner.Log.CompressSegment(owner.Log.Segments[1].File);
            return owner;
        },
    };

    public static TheoryData<string> Names => [.. Origins.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Takeover_should_survive_a_power_cut_at_each_step(string name)
    {
        var disk = Start(name, out var former);
        List<(SimulatedDisk Left, string When)> cuts = [];
        var random = new Random(1);
        disk.AfterOperation = operation =>
        {
            for (var i = 0; i < CutsPerOperation; i++)
                cuts.Add((disk.PowerCut(random), $"{name}, cut after {operation}"));
        };
        var owner = OwnedLog.Open(disk, "b");
        disk.AfterOperation = null;
        OwnedLog.Check(owner.Log, name, former.Acknowledged);
        Assert.True(cuts.Count > 20 * CutsPerOperation);
        foreach (var ((left, when), i) in cuts.Select((cut, i) => (cut, i)))
            CheckOpens(left, when, former, (i % 3) switch { 0 => "b", 1 => "c", _ => "" });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Takeover_should_be_tried_again_after_a_failure_at_each_step(string name)
    {
        foreach (var fault in Faults) FailAtEachStep(name, fault);
    }

    private static void FailAtEachStep(string name, DiskFault fault)
    {
        for (var (at, wasReached) = (1, true); wasReached; at++)
        {
            var disk = Start(name, out var former);
            var (count, when) = (0, "");
            disk.Faults = operation =>
            {
                if (++count != at) return null;
                when = $"{name}, failed at {operation} ({fault})";
                return fault;
            };
            OwnedLog? owner = null;
            var problem = Record.Exception(() => owner = OwnedLog.Open(disk, "b"));
            disk.Faults = null;
            wasReached = when.Length > 0;
            Assert.True(problem is null or WalException, $"{when}: {problem}");
            if (owner is not null) OwnedLog.Check(owner.Log, when, former.Acknowledged);
            else Assert.Equal(0, disk.HeldLockCount);
            owner?.Log.Dispose();
            CheckOpens(disk.Kill(), when, former, (at % 3) switch { 0 => "b", 1 => "c", _ => "" });
        }
    }

    private static void CheckOpens(SimulatedDisk disk, string when, OwnedLog former, string name)
    {
        OwnedLog next;
        try
        {
            next = OwnedLog.Open(disk, name);
        }
        catch (WalException e)
        {
            throw new InvalidOperationException($"{when}, and opened by '{name}': {e.Message}", e);
        }
        OwnedLog.Check(next.Log, when, former.Acknowledged);
        next.Append("next");
        next.Log.Close();
        var report = LogVerifier.Verify(OwnedLog.Place, OwnedLog.OptionsOf(disk), disk);
        Assert.True(report.Faults.Count == 0, $"{when}: {string.Join("; ", report.Faults)}");
        using var again = OwnedLog.Open(disk, "d").Log;
        OwnedLog.Check(again, when, former.Acknowledged, next.Acknowledged);
    }

    // The former owner is not told that its lock is lost.
    private static SimulatedDisk Start(string name, out OwnedLog former)
    {
        var disk = new SimulatedDisk();
        disk.CreateDirectory("/data");
        former = Origins[name](disk);
        disk.LoseLocks();
        return disk;
    }

    private static OwnedLog Filled(OwnedLog owner)
    {
        for (var i = 0; i < 7; i++) owner.Append($"record {i}{new string(' ', 200)}");
        return owner;
    }

    private static OwnedLog Stopped(OwnedLog owner, SimulatedDisk disk)
    {
        owner.Log.Close();
        Assert.Equal(0, disk.HeldLockCount);
        return owner;
    }
}
