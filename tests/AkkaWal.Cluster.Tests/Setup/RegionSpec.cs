using AkkaWal.Cluster.Entity;
using AkkaWal.Cluster.Leases;
using AkkaWal.Cluster.Naming;
using AkkaWal.Cluster.Placement;
using AkkaWal.TestKit;

namespace AkkaWal.Cluster.Tests.Setup;

/// <summary>What the logs of a region have in common.</summary>
public sealed class RegionSpec
{
    [Theory]
    [InlineData(WalPlacement.Shared, false, true)]
    [InlineData(WalPlacement.Shared, true, true)]
    [InlineData(WalPlacement.Local, false, false)]
    [InlineData(WalPlacement.Local, true, true)]
    public void Logs_should_be_checked_for_a_loss_where_they_can_be_lost(
        WalPlacement placement, bool hasLease, bool isChecked)
    {
        var disk = new SimulatedDisk();
        var region = new Region("logs", new LogExtractor(1), new ShardedRoot(disk, "/logs", []), new("logs"))
        {
            Settings = new WalSettings { Directory = "/logs/orders" },
            Files = disk,
            LockWait = TimeSpan.FromSeconds(1),
            DrainPatience = TimeSpan.FromSeconds(1),
            Nodes = placement == WalPlacement.Local ? new NodeMap(["disk-0"]) : null,
            Leases = hasLease ? new ShardLeases() : null,
        };
        Assert.Equal(isChecked, region.CanLoseLogs);
    }
}
