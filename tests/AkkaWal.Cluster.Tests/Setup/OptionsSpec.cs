using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaWal.Cluster.Tests.Setup;

/// <summary>Missing and contradictory options are refused before the system starts.</summary>
public sealed class OptionsSpec
{
    private static readonly Dictionary<string, Action<ShardedWalOptions>> Wrong = new()
    {
        ["Root of logs must be set"] = o => o.Root = null,
        ["Placement of logs must be set"] = o => o.Placement = null,
        ["NodeRoles of logs is set, and with shared storage"] = o => o.NodeRoles.Add("disk-0"),
        ["NodeRoles of logs must be set"] = o => o.Placement = WalPlacement.Local,
        ["NodeRoles of logs names a role twice"] = o => Local(o, "disk-0", "disk-0"),
        ["NodeRoles of logs has a role that is empty"] = o => Local(o, "disk-0", " "),
        ["NodeRoles of logs has more roles than there are shards (1)"] = o =>
        {
            Local(o, "disk-0", "disk-1");
            o.Shards = 1;
        },
        ["Log.Directory of logs must not be set"] = o => o.Log.Directory = "/elsewhere",
        ["Log.Owner of logs must not be set"] = o => o.Log.Owner = "me",
        ["Sharding.HandOffStopMessage of logs must not be set"] = o =>
            o.Sharding.HandOffStopMessage = PoisonPill.Instance,
        ["TryTimeout of logs is longer than Timeout"] = o => o.TryTimeout = o.Timeout * 2,
    };

    public static TheoryData<string> Reasons() => [.. Wrong.Keys];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Options_that_contradict_each_other_should_be_refused(string reason)
    {
        var wrong = Assert.Throws<WalConfigException>(() => NewBuilder().WithShardedWal<OptionsSpec>("logs", o =>
        {
            (o.Root, o.Placement) = ("/nowhere", WalPlacement.Shared);
            Wrong[reason](o);
        }));
        Assert.StartsWith($"ShardedWalOptions.{reason}", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nowhere", "storage", "Root of logs is set, and a proxy")]
    [InlineData(null, null, "Sharding.Role of logs must be set for a proxy")]
    public void Proxy_with_options_that_contradict_that_should_be_refused(string? root, string? role, string reason)
    {
        var wrong = Assert.Throws<WalConfigException>(() => NewBuilder().WithShardedWalProxy<OptionsSpec>("logs", o =>
        {
            (o.Root, o.Placement, o.Sharding.Role) = (root, WalPlacement.Shared, role);
        }));
        Assert.StartsWith($"ShardedWalOptions.{reason}", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a.b")]
    [InlineData("a:b")]
    public void Name_of_a_region_should_be_that_of_an_actor_and_a_key(string name) =>
        Assert.Throws<WalConfigException>(() => NewBuilder().WithShardedWal<OptionsSpec>(name, o =>
            (o.Root, o.Placement) = ("/nowhere", WalPlacement.Shared)));

    [Fact]
    public void Value_out_of_its_range_should_be_refused_where_it_is_set()
    {
        var options = new ShardedWalOptions();
        Assert.Throws<ArgumentOutOfRangeException>(() => options.Shards = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.Shards = 10_001);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.LockWait = TimeSpan.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.Placement = (WalPlacement)7);
        Assert.Throws<ArgumentException>(() => options.Root = "relative");
    }

    [Fact]
    public void Section_of_a_configuration_should_set_all_options()
    {
        var options = ShardedWalHostingExtensions.OptionsOf(Section(
            ("Root", "/srv/logs"), ("Placement", "Local"), ("NodeRoles:0", "disk-0"), ("NodeRoles:1", "disk-1"),
            ("Shards", "30"), ("LockWait", "00:00:03"), ("Timeout", "00:00:30"), ("TryTimeout", "00:00:04"),
            ("Log:Flush", "Interval"), ("Log:Retention:MaxBytes", "1000"),
            ("Sharding:Role", "storage"), ("Sharding:PassivateIdleEntityAfter", "00:05:00"),
            ("Sharding:StateStoreMode", "Persistence")));
        Assert.Equal(("/srv/logs", WalPlacement.Local, 30), (options.Root, options.Placement, options.Shards));
        Assert.Equal(["disk-0", "disk-1"], options.NodeRoles);
        Assert.Equal(
            (3.0, 30.0, 4.0),
            (options.LockWait.TotalSeconds, options.Timeout.TotalSeconds, options.TryTimeout.TotalSeconds));
        Assert.Equal(AkkaWal.Storage.FlushPolicy.Interval, options.Log.Flush);
        Assert.Equal(1000, options.Log.Retention.MaxBytes);
        Assert.Equal(("storage", StateStoreMode.Persistence), (options.Sharding.Role, options.Sharding.StateStoreMode));
        Assert.Equal(TimeSpan.FromMinutes(5), options.Sharding.PassivateIdleEntityAfter);
    }

    [Theory]
    [InlineData("Shard", "30")]
    [InlineData("Shards", "none")]
    [InlineData("Shards", "0")]
    [InlineData("Log:Flush", "sometimes")]
    public void Section_with_what_is_no_option_should_be_refused(string key, string value) =>
        Assert.Throws<WalConfigException>(() => ShardedWalHostingExtensions.OptionsOf(Section((key, value))));

    private static void Local(ShardedWalOptions options, params string[] roles)
    {
        options.Placement = WalPlacement.Local;
        foreach (var role in roles) options.NodeRoles.Add(role);
    }

    private static AkkaConfigurationBuilder NewBuilder() => new(new ServiceCollection(), "shop");

    private static IConfiguration Section(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(
            values.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build();
}
