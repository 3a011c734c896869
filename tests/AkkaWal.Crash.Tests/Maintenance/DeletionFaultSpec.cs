using AkkaWal.Crash.Tests.Simulation;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Maintenance;

/// <summary>Deleting and truncating, interrupted everywhere.</summary>
[Trait("Suite", "Maintenance")]
public sealed class DeletionFaultSpec(ITestOutputHelper output)
{
    private static MaintenanceRun DeleteMiddle => new(log => log.DeleteSegment(log.Segments[2].File));

    private static MaintenanceRun Truncate => new(log => log.TruncateBefore(log.Segments[3].StartOffset + 1));

    private static MaintenanceRun TruncateAllSealed => new(log => log.TruncateBefore(log.NextOffset), log => log.SealActive());

    public static TheoryData<string> Names => ["delete", "truncate", "truncate all"];

    private static MaintenanceRun Of(string name) => name switch
    {
        "delete" => DeleteMiddle,
        "truncate" => Truncate,
        _ => TruncateAllSealed,
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Power_cut_should_leave_all_of_it_or_nothing(string name)
    {
        var (cuts, done) = Of(name).CutEverywhere(seedsPerOperation: 60);
        Assert.InRange(done, 1, cuts - 1);
        output.WriteLine($"{cuts} cuts, {done} of them with the operation done");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Failing_disk_should_leave_all_of_it_or_nothing_and_say_what_is_known(string name)
    {
        foreach (var fault in new[] { DiskFault.Error, DiskFault.NoSpace, DiskFault.Error.After(0.5), DiskFault.Error.After(1) })
        {
            var (definite, unknown) = Of(name).FailEverywhere(fault);
            Assert.True(definite > 0 && unknown > 0);
        }
    }
}
