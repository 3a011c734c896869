using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.TestKit;
using AkkaWal.TestKit.Simulation.Tree;

namespace AkkaWal.Crash.Tests.FailingDisks;

/// <summary>
/// The run of one seed on a disk that fails, with the allowed results and the checks after each:
/// <code>
///   NoSpace            definitely did not happen: cut at once, in every mode, nothing of it comes back;
///                      the next append works
///   Unknown, ReadOnly  latched: appends are refused, reads go on; then the process dies, and the disk is met
///                      as the cache shows it, as the cache forgets it, and as a power cut leaves it
/// </code>
/// </summary>
internal sealed class FaultRun(int seed, FlushPolicy policy)
{
    private const int Steps = 16;

    private readonly Random _random = new(seed);
    private readonly SimulatedDisk _disk = new();
    private readonly Oracle _oracle = new();
    private WalOptions _options = new();
    private DiskOperation? _failed;

    /// <summary>The log's reactions to the faults.</summary>
    public HashSet<FaultOutcome> Outcomes { get; } = [];

    /// <summary>The number of times that the disk was full.</summary>
    public int NoSpaceCount { get; private set; }

    public long Cuts { get; private set; }

    /// <summary>The operations of the workload on a disk without faults.</summary>
    public static IReadOnlyList<DiskOperation> Rehearse(int seed, FlushPolicy policy)
    {
        var run = new FaultRun(seed, policy);
        run.Run(static _ => null);
        return run._disk.Operations;
    }

    /// <summary>
    /// Runs the workload on a disk of a limited size, which grows at every second failure for lack of room.
    /// </summary>
    public void RunOnDiskOf(long capacityBytes)
    {
        _disk.CapacityBytes = capacityBytes;
        Run(static _ => null);
    }

    /// <exception cref="BrokenPromiseException">Its message has the seed and the trace.</exception>
    public void Run(Func<DiskOperation, DiskFault?> faults)
    {
        try
        {
            RunWorkload(operation =>
            {
                var fault = faults(operation);
                _failed = fault is null ? _failed : operation;
                return fault;
            });
        }
        catch (Exception e)
        {
            throw BrokenPromiseException.InRun($"seed {seed}, {policy}, failed {_failed}", seed, _disk, e);
        }
    }

    private void RunWorkload(Func<DiskOperation, DiskFault?> faults)
    {
        _options = Workload.AnyOptions(_random, policy);
        using (var workload = new Workload(_disk, _oracle, _random, _options, seed % 2 == 0 ? 24 : null))
        {
            _disk.Faults = faults;
            if (!TryOpen(workload))
                return;
            if (Enumerable.Range(0, Steps).Any(_ => IsLatched(Try(workload, () => workload.Step(mayReopen: false)))))
            {
                _disk.Faults = null;
                AssertLatched(workload);
                CheckAftermath();
            }
            else
            {
                Try(workload, workload.CloseCleanly);
            }
        }

        BrokenPromiseException.UnlessNothingIsOpen(_disk, "after a stop");
        _disk.Faults = null;
        CheckAftermath();
    }

    private bool TryOpen(Workload workload)
    {
        try
        {
            workload.Open();
            return true;
        }
        catch (WalIOException)
        {
            BrokenPromiseException.Unless(
                _failed is not null || _disk.CapacityBytes is not null, "the log did not open, and nothing failed");
            BrokenPromiseException.UnlessNothingIsOpen(_disk, "after an opening that failed");
            _disk.Faults = null;
            CheckAftermath();
            return false;
        }
    }

    private FaultOutcome Try(Workload workload, Action action)
    {
        try
        {
            action();
            return FaultOutcome.None;
        }
        catch (WalOutOfSpaceException)
        {
            Outcomes.Add(FaultOutcome.NoSpace);
            if (++NoSpaceCount % 2 == 0)
                _disk.CapacityBytes += 16 * PagedImage.PageBytes;
            BrokenPromiseException.Unless(
                workload.Log.NextOffset == workload.Log.CommittedNextOffset, "what found no room is still staged");
            _oracle.Refused(workload.Log.NextOffset);
            _oracle.Promised(workload.Log.CommittedNextOffset, workload.Log.DurableNextOffset);
            CutInEveryMode();
            return FaultOutcome.NoSpace;
        }
        catch (WalOutcomeUnknownException)
        {
            Outcomes.Add(FaultOutcome.Unknown);
            return FaultOutcome.Unknown;
        }
        catch (WalReadOnlyException)
        {
            Outcomes.Add(FaultOutcome.ReadOnly);
            return FaultOutcome.ReadOnly;
        }
    }

    private static bool IsLatched(FaultOutcome outcome) => outcome is FaultOutcome.Unknown or FaultOutcome.ReadOnly;

    private void AssertLatched(Workload workload)
    {
        for (var i = 0; i < 2; i++)
        {
            var operations = _disk.Operations.Count;
            Assert.Throws<WalReadOnlyException>(() => workload.Log.Append([1, 2, 3]));
            Assert.Throws<WalReadOnlyException>(() => workload.Log.AppendBatch([new byte[] { 1 }, new byte[] { 2 }]));
            Assert.Throws<WalReadOnlyException>(workload.Log.Commit);
            Assert.Throws<WalReadOnlyException>(workload.Log.Sync);
            BrokenPromiseException.Unless(
                _disk.Operations.Count == operations, "a latched log went on changing the disk");
            _oracle.CheckRecords(workload.Log);
        }
    }

    /// <summary>The machine stops here. The log is then opened in every state that the disk can be in.</summary>
    private void CheckAftermath()
    {
        CutInEveryMode();
        // The next process sees pages of a failed sync that the cache still shows. The cache drops them at one of the
        // process's reads, or before, or never.
        for (var forgetAtRead = -1; forgetAtRead < 12; forgetAtRead++)
        {
            var disk = _disk.Kill();
            var expected = _oracle.Fork();
            if (forgetAtRead >= 0)
                expected.PowerWasCut();
            var reads = 0;
            disk.ReadFaults = (_, _) =>
            {
                if (reads++ == forgetAtRead)
                    disk.Evict(_random.Next(2) == 0 ? null : _random);
                return false;
            };
            using var workload = new Workload(disk, expected, _random, _options);
            workload.Open();
            disk.Evict();
            expected.CheckRecords(workload.Log);
            workload.Append();
            workload.Commit();
            CheckCut(disk.PowerCut(_random, new CutMode(KeptBytes.None, KeptNames.None)), expected.Fork());
        }
    }

    private void CutInEveryMode()
    {
        foreach (var bytes in Enum.GetValues<KeptBytes>())
            CheckCut(_disk.PowerCut(_random, new CutMode(bytes, (KeptNames)_random.Next(4))), _oracle.Fork());
    }

    private void CheckCut(SimulatedDisk disk, Oracle expected)
    {
        Cuts++;
        expected.PowerWasCut();
        using var workload = new Workload(disk, expected, _random, _options);
        workload.Open();
        workload.Append();
        workload.Reopen();
    }
}

/// <summary>The reaction of a log to a fault of its disk.</summary>
internal enum FaultOutcome
{
    /// <summary>The log reported no failure.</summary>
    None,

    /// <summary>The operation definitely did not happen, and the log goes on.</summary>
    NoSpace,

    /// <summary>The operation may have happened, and the log is latched.</summary>
    Unknown,

    /// <summary>The operation definitely did not happen, and the log is latched.</summary>
    ReadOnly,
}
