using Akka.Cluster;
using Akka.Cluster.Hosting;
using Akka.Cluster.Hosting.SBR;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Akka.Hosting;
using AkkaWal.Cluster.Entity;
using AkkaWal.Cluster.Tests.Nodes;

namespace AkkaWal.Cluster.Tests.Setup;

/// <summary>The packaged settings for a fast fail-over.</summary>
public sealed class FailoverConfigSpec : ClusterSpec
{
    [Fact]
    public void Every_key_should_be_one_that_the_cluster_has()
    {
        var known = ConfigurationFactory.FromResource<Akka.Cluster.Cluster>("Akka.Cluster.Configuration.Cluster.conf")
            .WithFallback(ClusterSharding.DefaultConfig()).WithFallback(ClusterSingleton.DefaultConfig());
        var keys = KeysOf("", ShardedWals.FailoverConfig.Root).ToList();
        Assert.InRange(keys.Count, 10, 30);
        Assert.All(keys, key => Assert.True(known.HasPath(key), key));
    }

    [Fact]
    public void Log_should_have_time_to_close_before_its_hand_over_ends()
    {
        var packaged = ShardedWals.FailoverConfig.GetTimeSpan("akka.cluster.sharding.handoff-timeout");
        Assert.Equal(TimeSpan.FromSeconds(8), Region.DrainPatienceOf(packaged));
        Assert.Equal(TimeSpan.FromSeconds(53), Region.DrainPatienceOf(TimeSpan.FromSeconds(60)));
        var shortest = TimeSpan.FromMilliseconds(500);
        // Sharding gives the entities at least 1 s.
        foreach (var handOff in new[] { 1, 6, 7, 8, 15, 60, 600 }.Select(seconds => TimeSpan.FromSeconds(seconds)))
        {
            var killedAfter = TimeSpan.FromSeconds(Math.Max(1, (handOff - TimeSpan.FromSeconds(5)).TotalSeconds));
            Assert.InRange(Region.DrainPatienceOf(handOff), shortest, killedAfter - shortest);
        }
    }

    [Fact]
    public async Task Node_with_them_should_have_logs()
    {
        var node = await Cluster.Start(
            akka => akka.AddHocon(ShardedWals.FailoverConfig, HoconAddMode.Prepend).WithShardedWal<TestCluster>(
                TestCluster.Region,
                o => (o.Root, o.InitializeRoot, o.Placement) = (Cluster.SharedRoot, true, WalPlacement.Shared)),
            []);
        // Zero stands for another time.
        Assert.Equal(TimeSpan.FromMilliseconds(1), node.Cluster.DowningProvider.DownRemovalMargin);
        Assert.Equal(0, await node.Logs.Client("orders").AppendAsync(new byte[] { 1 }));
    }

    [Theory]
    [InlineData(true, "lease-majority")]
    [InlineData(false, "keep-majority")]
    public async Task Resolver_with_a_lease_should_be_chosen_behind_them_and_keep_their_times(
        bool isBehind, string strategy)
    {
        var resolverOfUser = new ClusterOptions
        {
            SplitBrainResolver = new LeaseMajorityOption { LeaseImplementation = new TestLeaseOptions() },
        };
        var node = await Cluster.Start(
            akka =>
            {
                if (!isBehind) akka.WithClustering(resolverOfUser);
                akka.AddHocon(ShardedWals.FailoverConfig, HoconAddMode.Prepend);
                if (isBehind) akka.WithClustering(resolverOfUser);
            },
            []);
        var resolver = node.System.Settings.Config.GetConfig("akka.cluster.split-brain-resolver");
        Assert.Equal(strategy, resolver.GetString("active-strategy"));
        Assert.Equal("test-lease", resolver.GetString("lease-majority.lease-implementation"));
        Assert.Equal(TimeSpan.FromMilliseconds(2500), resolver.GetTimeSpan("stable-after"));
        Assert.Equal(TimeSpan.FromSeconds(2), resolver.GetTimeSpan("lease-majority.acquire-lease-delay-for-minority"));
        Assert.IsType<Akka.Cluster.SBR.SplitBrainResolverProvider>(node.Cluster.DowningProvider);
    }

    private static IEnumerable<string> KeysOf(string prefix, HoconValue value) => value.IsObject()
        ? value.GetObject().Items.SelectMany(item => KeysOf($"{prefix}.{item.Key}".TrimStart('.'), item.Value))
        : [prefix];
}
