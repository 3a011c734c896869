using AkkaWal.Storage;
using AkkaWal.TestKit;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.FailingDisks;

/// <summary>Every call of the file system fails, in every way of FORMAT.md's table.</summary>
[Trait("Suite", "Lacks")]
public sealed class LackSpec(ITestOutputHelper output)
{
    private static readonly Dictionary<WalIOCause, DiskFault> ByCause = new[]
    {
        DiskFault.Error, DiskFault.NoSpace, DiskFault.NoDescriptors, DiskFault.NoMemory, DiskFault.NotPermitted,
        DiskFault.ReadOnlyFileSystem, DiskFault.NotSupported,
    }.ToDictionary(fault => fault.Cause);

    public static TheoryData<WalIOCause, bool> Cases
    {
        get
        {
            var cases = new TheoryData<WalIOCause, bool>();
            foreach (var cause in ByCause.Keys)
                foreach (var stays in new[] { false, true }) cases.Add(cause, stays);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Call_that_fails_in_a_life_should_do_no_more_harm_than_the_table_says(WalIOCause cause, bool stays) =>
        FailEach(cause, stays, static run => run.RunWholeLife());

    [Theory]
    [MemberData(nameof(Cases))]
    public void Call_that_fails_in_an_opening_should_do_no_more_harm_than_the_table_says(
        WalIOCause cause, bool stays) =>
        FailEach(cause, stays, static run => run.RunOpeningAfterKill());

    private void FailEach(WalIOCause cause, bool stays, Action<LackRun> live)
    {
        var (faults, latched) = (0, 0);
        for (var failAt = 1; ; failAt++)
        {
            var run = new LackRun(ByCause[cause], failAt, stays);
            live(run);
            if (!run.HasFailed) break;
            faults++;
            if (run.IsLatched) latched++;
        }
        output.WriteLine(
            $"{faults} calls failed with '{ByCause[cause].Reason}', {latched} of the failures were latched");
        Assert.True(faults > 50, $"{faults} calls");
    }
}
