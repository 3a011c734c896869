using AkkaWal.TestKit;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Maintenance;

/// <summary>Compressing a segment, and deleting a compressed one, interrupted at every operation.</summary>
[Trait("Suite", "Maintenance")]
public sealed class CompressionFaultSpec(ITestOutputHelper output)
{
    private static MaintenanceRun Compress => new(log => log.CompressSegment(log.Segments[2].File));

    private static MaintenanceRun DeleteCompressed =>
        new(log => log.DeleteSegment(log.Segments[2].File), log => log.CompressSegment(log.Segments[2].File));

    private static MaintenanceRun Of(string name) => name == "compress" ? Compress : DeleteCompressed;

    [Theory]
    [InlineData("compress")]
    [InlineData("delete compressed")]
    public void Power_cut_should_leave_all_of_it_or_nothing(string name)
    {
        var (cuts, done) = Of(name).CutEverywhere(seedsPerOperation: 60);
        Assert.InRange(done, 1, cuts - 1);
        output.WriteLine($"{cuts} cuts, {done} of them with the operation done");
    }

    [Theory]
    [InlineData("compress")]
    [InlineData("delete compressed")]
    public void Failing_disk_should_leave_all_of_it_or_nothing_and_say_what_is_known(string name)
    {
        foreach (var fault in new[] { DiskFault.Error, DiskFault.NoSpace, DiskFault.Error.After(0.5),
            DiskFault.Error.After(1) })
        {
            var (definite, unknown) = Of(name).FailEverywhere(fault);
            Assert.True(definite > 0 && unknown > 0);
        }
    }

    [Fact]
    public void Full_disk_should_leave_the_segment_as_it_was() => Assert.True(Compress.FillUpEverywhere() > 0);
}
