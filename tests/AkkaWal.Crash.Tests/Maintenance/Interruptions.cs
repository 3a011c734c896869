using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.Maintenance;

/// <summary>How the runs of this folder interrupt an operation, and how they tell what came of it.</summary>
internal static class Interruptions
{
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
