using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.TestKit;
using AkkaWal.TestKit.Simulation.Tree;

namespace AkkaWal.Crash.Tests.Maintenance;

/// <summary>How the runs of this folder interrupt an operation, and how they tell what came of it.</summary>
internal static class Interruptions
{
    /// <summary>The faults of calls, by their causes.</summary>
    public static IReadOnlyDictionary<WalIOCause, DiskFault> ByCause { get; } = new[]
    {
        DiskFault.Error, DiskFault.NoSpace, DiskFault.NoDescriptors, DiskFault.NotPermitted, DiskFault.NotSupported,
    }.ToDictionary(fault => fault.Cause);

    /// <summary>
    /// Carries out an operation, and cuts the power after each of the disk's operations: once with all that was written
    /// still there, and then in some random ways.
    /// </summary>
    /// <param name="disk">The operation's disk. The cuts do not change it.</param>
    /// <param name="seedsPerOperation">The number of random ways for each operation.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="check">Checks a disk after a cut. The text says which cut it was.</param>
    /// <param name="where">Which of the disk's operations to cut after; null for all.</param>
    /// <exception cref="BrokenPromiseException">A check failed. The message has the trace.</exception>
    public static void CutEverywhere(
        this SimulatedDisk disk, int seedsPerOperation, Action operation, Action<SimulatedDisk, string> check,
        Predicate<DiskOperation>? where = null)
    {
        disk.AfterOperation = performed =>
        {
            if (where?.Invoke(performed) == false) return;
            for (var seed = 0; seed <= seedsPerOperation; seed++)
            {
                var left = seed == 0 ? disk.Kill() : disk.PowerCut(new Random((int)performed.Number * 1000 + seed));
                var what = $"cut {seed} after {performed}";
                try
                {
                    check(left, what);
                }
                catch (Exception e)
                {
                    throw BrokenPromiseException.InRun(what, seed: null, disk, e);
                }
            }
        };
        try
        {
            operation();
        }
        finally
        {
            disk.AfterOperation = null;
        }
    }

    /// <summary>Carries out an operation in which a call fails, and all later ones too if the fault stays.</summary>
    /// <param name="files">The operation's file system.</param>
    /// <param name="number">The call's number, from 1 on.</param>
    /// <param name="fault">The fault.</param>
    /// <param name="stays">Whether all later calls fail, too.</param>
    /// <param name="operation">The operation.</param>
    /// <returns>The call, null if there were fewer; and how the operation failed, null if it succeeded.</returns>
    public static (FileCall? Failed, WalException? Outcome) FailAt(
        this FaultyFiles files, int number, DiskFault fault, bool stays, Action operation)
    {
        FileCall? failed = null;
        files.Faults = call =>
        {
            if (stays ? call.Number < number : call.Number != number) return null;
            failed ??= call;
            return fault;
        };
        var outcome = OutcomeOf(operation);
        return (failed, outcome);
    }

    /// <summary>Limits a disk to what it holds now and some more pages.</summary>
    public static void LeaveRoomFor(this SimulatedDisk disk, int pages) =>
        disk.CapacityBytes = disk.UsedBytes + (long)pages * PagedImage.PageBytes;

    /// <summary>How an operation failed; null if it succeeded.</summary>
    public static WalException? OutcomeOf(Action operation)
    {
        try
        {
            operation();
            return null;
        }
        catch (WalException e)
        {
            return e;
        }
    }
}
