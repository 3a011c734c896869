using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.TestKit.Simulation;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Ownership;

/// <summary>Directories are moved and copied, and lock files removed, while processes write there.</summary>
[Trait("Suite", "Ownership")]
public sealed class IntruderSpec(ITestOutputHelper output)
{
    private const int Seeds = 1500, Steps = 60;

    [Fact]
    public void Owner_who_lost_his_directory_should_acknowledge_and_change_nothing()
    {
        if (CutBudget.OnlySeed is { } only)
        {
            new IntruderRun(only).Run(Steps);
            return;
        }

        var (losses, refusals) = (0, 0);
        var count = (int)(Seeds * CutBudget.Scale);
        for (var seed = 1; seed <= count; seed++)
        {
            var run = new IntruderRun(seed);
            run.Run(Steps);
            losses += run.Losses;
            refusals += run.Refusals;
        }

        output.WriteLine($"{count} seeds, {losses} losses, {refusals} appends refused behind them");
        Assert.True(losses > count && refusals > count / 4);
    }

    /// <summary>A disk that breaks a promise must make the run fail.</summary>
    [Theory]
    [InlineData(nameof(BrokenDisk.NeverTellsThatALockIsLost))]
    [InlineData(nameof(BrokenDisk.LocksFilesAlone))]
    [InlineData(nameof(BrokenDisk.ResolvesPathsAnew))]
    [InlineData("NeverTellsThatALockIsLost, LocksFilesAlone, ResolvesPathsAnew")]
    public void Disk_that_breaks_a_promise_should_be_found_out(string broken) =>
        Assert.Contains(Enumerable.Range(1, 50), seed =>
            Record.Exception(() => new IntruderRun(seed, Enum.Parse<BrokenDisk>(broken)).Run(Steps))
                is BrokenPromiseException or WalException);
}
