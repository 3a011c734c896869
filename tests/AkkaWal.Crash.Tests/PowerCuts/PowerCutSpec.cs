using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.PowerCuts;

/// <summary>
/// Random workloads with a power cut at every operation, through several openings. Numbers and seeds: see
/// <see cref="CutBudget"/>.
/// </summary>
[Trait("Suite", "PowerCuts")]
public sealed class PowerCutSpec(ITestOutputHelper output)
{
    [Fact]
    public void Always_should_lose_nothing_acknowledged() => CutBudget.Spend(0.4, FlushPolicy.Always, output);

    [Fact]
    public void Interval_should_leave_a_gapless_prefix_with_all_that_was_synced() =>
        CutBudget.Spend(0.2, FlushPolicy.Interval, output);

    [Fact]
    public void Os_cache_should_leave_a_gapless_prefix_with_all_that_was_synced() =>
        CutBudget.Spend(0.2, FlushPolicy.OsCache, output);

    [Fact]
    public void Policies_should_hold_when_each_start_chooses_another() => CutBudget.Spend(0.2, null, output);
}
