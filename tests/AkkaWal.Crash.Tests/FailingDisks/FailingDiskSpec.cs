using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.TestKit;
using AkkaWal.TestKit.Simulation.Tree;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.FailingDisks;

/// <summary>The disk fails at every operation, in every way.</summary>
[Trait("Suite", "FailingDisks")]
public sealed class FailingDiskSpec(ITestOutputHelper output)
{
    private static readonly int Seeds = (int)Math.Max(1, 3 * CutBudget.Scale);

    public static TheoryData<FlushPolicy> AllPolicies => [.. Enum.GetValues<FlushPolicy>()];

    [Theory]
    [MemberData(nameof(AllPolicies))]
    public void Failed_sync_should_be_latched_and_lose_nothing_acknowledged(FlushPolicy policy) => FailEach(
        policy,
        operation => operation.Kind is DiskOperationKind.Sync or DiskOperationKind.SyncDirectory,
        [DiskFault.Error, DiskFault.Error.After(0.5), DiskFault.Error.After(1), DiskFault.NoSpace],
        [FaultOutcome.Unknown]);

    [Theory]
    [MemberData(nameof(AllPolicies))]
    public void Failed_write_should_be_latched_whatever_of_it_was_written(FlushPolicy policy) => FailEach(
        policy,
        operation => operation.Kind is DiskOperationKind.Write or DiskOperationKind.SetLength,
        [DiskFault.Error, DiskFault.Error.After(0.3), DiskFault.Error.After(0.99), DiskFault.Error.After(1)],
        [FaultOutcome.Unknown]);

    [Theory]
    [MemberData(nameof(AllPolicies))]
    public void Full_disk_should_refuse_the_commit_whole_and_go_on(FlushPolicy policy) => FailEach(
        policy,
        operation => operation.Kind is DiskOperationKind.Write or DiskOperationKind.SetLength,
        [DiskFault.NoSpace, DiskFault.NoSpace.After(0.01), DiskFault.NoSpace.After(0.5), DiskFault.NoSpace.After(0.99)],
        [FaultOutcome.NoSpace],
        [FaultOutcome.Unknown, FaultOutcome.ReadOnly]);

    [Theory]
    [MemberData(nameof(AllPolicies))]
    public void Failed_change_of_a_name_should_lose_nothing_acknowledged(FlushPolicy policy) => FailEach(
        policy,
        operation => operation.Kind is not (DiskOperationKind.Sync or DiskOperationKind.SyncDirectory
            or DiskOperationKind.Write or DiskOperationKind.SetLength),
        [DiskFault.Error, DiskFault.Error.After(1), DiskFault.NoSpace],
        []);

    [Theory]
    [MemberData(nameof(AllPolicies))]
    public void Disk_that_dies_should_lose_nothing_acknowledged(FlushPolicy policy) =>
        FailFrom(policy, static _ => true, DiskFault.Error);

    [Theory]
    [MemberData(nameof(AllPolicies))]
    public void Disk_that_stays_full_should_refuse_every_commit_and_keep_the_rest(FlushPolicy policy) => FailFrom(
        policy,
        static operation =>
            operation.Kind is DiskOperationKind.Write or DiskOperationKind.Create or DiskOperationKind.Rename,
        DiskFault.NoSpace);

    [Theory]
    [MemberData(nameof(AllPolicies))]
    public void Disk_of_any_size_should_fill_up_and_go_on_when_it_grows(FlushPolicy policy)
    {
        var (runs, cuts, refusals) = (0, 0L, 0);
        foreach (var seed in AllSeeds)
        {
            for (var pages = 1; pages < 60; pages++)
            {
                var run = new FaultRun(seed, policy);
                run.RunOnDiskOf(pages * PagedImage.PageBytes);
                Assert.DoesNotContain(FaultOutcome.Unknown, run.Outcomes);
                Assert.DoesNotContain(FaultOutcome.ReadOnly, run.Outcomes);
                (runs, cuts, refusals) = (runs + 1, cuts + run.Cuts, refusals + run.NoSpaceCount);
            }
        }

        output.WriteLine($"{runs} disks, {refusals} times no room, {cuts} cuts behind them");
        Assert.NotEqual(0, refusals);
    }

    [Fact]
    public void Failed_read_should_fail_the_opening_and_do_no_harm()
    {
        var count = 0;
        foreach (var sample in new[] { SampleLog.Build(isStoppedCleanly: true),
            SampleLog.Build(isStoppedCleanly: false) })
        {
            for (var isDone = false; !isDone; count++)
            {
                var disk = sample.Disk.Kill();
                var (reads, failing) = (0, count);
                disk.ReadFaults = (_, _) => reads++ == failing;
                try
                {
                    Workload.Open(disk, SampleLog.Options).Close();
                    isDone = true;
                }
                catch (WalIOException e)
                {
                    Assert.Equal("read", e.Operation);
                    Assert.Equal((0, 0), (disk.OpenHandleCount, disk.HeldLockCount));
                }

                disk.ReadFaults = null;
                Assert.True(sample.Read(disk, sample.Payloads.Count).IsHarmless);
            }

            Assert.True(count > 4);
            count = 0;
        }
    }

    private static IEnumerable<int> AllSeeds => CutBudget.OnlySeed is { } only ? [only] : Enumerable.Range(1, Seeds);

    private void FailEach(
        FlushPolicy policy, Func<DiskOperation, bool> isHit, DiskFault[] faults, FaultOutcome[] expected,
        FaultOutcome[]? forbidden = null)
    {
        var (count, cuts) = (0, 0L);
        HashSet<FaultOutcome> outcomes = [];
        foreach (var seed in AllSeeds)
        {
            foreach (var operation in FaultRun.Rehearse(seed, policy).Where(isHit))
            {
                foreach (var fault in faults)
                {
                    var run = new FaultRun(seed, policy);
                    run.Run(now => now.Number == operation.Number ? fault : null);
                    Assert.True(
                        forbidden is null || !run.Outcomes.Overlaps(forbidden),
                        $"seed {seed}: {operation}, {fault}: {string.Join(", ", run.Outcomes)}");
                    Assert.True(
                        run.NoSpaceCount <= 1,
                        $"seed {seed}: {operation}, {fault}: no room twice, and it was short once");
                    outcomes.UnionWith(run.Outcomes);
                    count++;
                    cuts += run.Cuts;
                }
            }
        }

        output.WriteLine($"{count} faults, {cuts} cuts behind them; outcomes: {string.Join(", ", outcomes)}");
        Assert.Superset(expected.ToHashSet(), outcomes);
    }

    private void FailFrom(FlushPolicy policy, Func<DiskOperation, bool> isHit, DiskFault fault)
    {
        var (count, cuts) = (0, 0L);
        foreach (var seed in AllSeeds)
        {
            foreach (var operation in FaultRun.Rehearse(seed, policy))
            {
                var run = new FaultRun(seed, policy);
                run.Run(now => now.Number >= operation.Number && isHit(now) ? fault : null);
                count++;
                cuts += run.Cuts;
            }
        }

        output.WriteLine($"{count} faults, {cuts} cuts behind them");
    }
}
