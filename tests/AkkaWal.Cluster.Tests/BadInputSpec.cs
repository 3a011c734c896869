using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using AkkaWal.Cluster.Naming;
using AkkaWal.Cluster.Tests.Nodes;
using AkkaWal.Hosting;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Tests;

/// <summary>Wrong requests, names and roots are refused with the reason, and nothing is created.</summary>
public sealed class BadInputSpec : ClusterSpec
{
    [Fact]
    public async Task Messages_that_are_for_no_log_should_be_refused_and_create_nothing()
    {
        var node = await Cluster.StartNode();
        var region = node.Logs.Region;
        foreach (var name in new[] { "", "../x", "a/b", "..", new string('x', LogName.MaxLength + 1), "a\nb" })
        {
            var wrong = Assert.Throws<WalConfigException>(() => node.Logs.Client(name));
            Assert.Throws<WalConfigException>(
                () => ShardedWal.Envelope(name, new GetLogInfo(), TestCluster.Patience));
            foreach (var message in new object[] { Timely(new Append(new byte[] { 1 }, 7)), new GetLogInfo(7) })
            {
                var reply = await region.Ask<RequestFailed>(new ShardingEnvelope(name, message), TestCluster.Patience);
                Assert.Equal(FailureKind.Invalid, reply.Kind);
                Assert.Equal((wrong.Message, 7), (reply.Reason, reply.RequestId));
            }
        }
        // Without an envelope it is not known which log is meant.
        var bare = await region.Ask<RequestFailed>(new Append(new byte[] { 1 }, 7), TestCluster.Patience);
        Assert.Equal((FailureKind.Invalid, 7), (bare.Kind, bare.RequestId));
        // A message of another kind is refused, too.
        var foreign = await Assert.ThrowsAsync<ArgumentException>(
            () => region.Ask<LogReply>(new ShardingEnvelope("orders", "hello"), TestCluster.Patience));
        Assert.Contains("System.String is no request", foreign.Message, StringComparison.Ordinal);

        Assert.Empty(Directory.GetDirectories(Cluster.SharedRoot));
    }

    [Fact]
    public async Task Request_after_its_deadline_should_be_refused_and_not_carried_out()
    {
        var node = await Cluster.StartNode();
        var late = new ShardedRequest(new Append(new byte[] { 1 }, 7), DateTime.UtcNow - TimeSpan.FromSeconds(1));
        var reply = await node.Logs.Region
            .Ask<RequestFailed>(new ShardingEnvelope("orders", late), TestCluster.Patience);
        Assert.Equal((FailureKind.Unavailable, 7), (reply.Kind, reply.RequestId));
        Assert.Contains("deadline", reply.Reason, StringComparison.Ordinal);
        Assert.Equal(0, (await node.Logs.Client("orders").GetInfoAsync()).NextOffset);
    }

    [Fact]
    public async Task Region_that_is_not_known_should_be_refused_with_the_nearest_name()
    {
        var node = await Cluster.StartNode();
        var wrong = Assert.Throws<WalConfigException>(() => ShardedWals.Get(node.System)["log"]);
        Assert.Contains("perhaps 'logs'", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing", "does not exist")]
    [InlineData("file", "no directory")]
    [InlineData("foreign", "has 'letters' and no .akkawal-sharded")]
    public async Task Root_that_is_none_should_be_refused_and_left_as_it_is(string kind, string reason)
    {
        var root = Path.Combine(Cluster.Directory, kind);
        if (kind == "file") File.WriteAllText(root, "");
        if (kind == "foreign") Directory.CreateDirectory(Path.Combine(root, "letters"));
        var before = Files();
        var refusal = await Cluster.RefusalOf(o => o.Root = root);
        Assert.Contains(root, refusal, StringComparison.Ordinal);
        Assert.Contains(reason, refusal, StringComparison.Ordinal);
        Assert.Equal(before, Files());
    }

    [Fact]
    public async Task Empty_root_should_be_refused_unless_it_is_called_new()
    {
        var node = await Cluster.StartNode();
        await node.Logs.Client("orders").AppendAsync(new byte[] { 1 });
        var away = Cluster.SharedRoot + "-away";
        Directory.Move(Cluster.SharedRoot, away);
        // This empty directory stays behind when a file system is unmounted.
        Directory.CreateDirectory(Cluster.SharedRoot);
        var refusal = await Cluster.RefusalOf(o => o.InitializeRoot = false);
        Assert.Contains("mount what it stands for, or set InitializeRoot", refusal, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Cluster.SharedRoot));

        Directory.Delete(Cluster.SharedRoot);
        Directory.Move(away, Cluster.SharedRoot);
        var other = await Cluster.StartNode(o => o.InitializeRoot = false);
        Assert.Equal(1, await other.Logs.Client("orders").AppendAsync(new byte[] { 2 }));
    }

    [Fact]
    public async Task Region_with_the_name_of_a_log_should_be_refused()
    {
        var refused = await Assert.ThrowsAsync<WalConfigException>(() => Cluster.Start(
            akka => akka.WithWal(TestCluster.Region, o => o.Directory = Path.Combine(Cluster.Directory, "single"))
                .WithShardedWal<BadInputSpec>(
                    TestCluster.Region,
                    o => (o.Root, o.InitializeRoot, o.Placement) = (Cluster.SharedRoot, true, WalPlacement.Shared)),
            []));
        Assert.Contains("the region needs another name", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Cluster.SharedRoot));
    }

    [Fact]
    public async Task Root_of_another_region_should_be_refused_and_left_as_it_is()
    {
        await Cluster.StartNode();
        var before = Files();
        var refusal = await Cluster.RefusalOf(o => o.Shards = 21);
        Assert.Contains("says 'shards 20', and this node wants 'shards 21'", refusal, StringComparison.Ordinal);

        await using var other = new TestCluster();
        refusal = await other.RefusalOf(o => o.Root = Cluster.SharedRoot);
        Assert.Contains("belongs to others", refusal, StringComparison.Ordinal);
        Assert.Equal(before, Files());
    }

    [Fact]
    public async Task Log_should_not_be_created_where_its_root_is_gone_and_be_there_when_that_is_back()
    {
        var node = await Cluster.StartNode();
        await node.Logs.Client("orders").AppendAsync(new byte[] { 1 });
        var away = Cluster.SharedRoot + "-away";
        Directory.Move(Cluster.SharedRoot, away);
        // This empty directory stays behind when a file system is unmounted.
        Directory.CreateDirectory(Cluster.SharedRoot);
        node.System.EventStream.SetLogLevel(LogLevel.ErrorLevel);
        using var operators = Inbox.Create(node.System);
        node.System.EventStream.Subscribe(operators.Receiver, typeof(Error));
        var refused = await Assert.ThrowsAsync<WalRequestException>(
            () => node.Logs.Client("bills", TimeSpan.FromSeconds(1)).AppendAsync(new byte[] { 2 }));
        Assert.Equal(FailureKind.Unavailable, refused.Kind);
        Assert.Contains("perhaps it is not mounted", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Cluster.SharedRoot));
        // The client has tried several times, and operators are told once.
        var told = Assert.IsType<Error>(operators.Receive(TestCluster.Patience));
        Assert.Contains("perhaps it is not mounted", told.ToString(), StringComparison.Ordinal);
        node.System.EventStream.Publish(new Error(null, "test", typeof(BadInputSpec), "the end"));
        Assert.Equal("test", Assert.IsType<Error>(operators.Receive(TestCluster.Patience)).LogSource);

        Directory.Delete(Cluster.SharedRoot);
        Directory.Move(away, Cluster.SharedRoot);
        Assert.Equal(0, await node.Logs.Client("bills").AppendAsync(new byte[] { 2 }));
    }

    private static ShardedRequest Timely(LogRequest request) => new(request, DateTime.UtcNow + TestCluster.Patience);

    private string[] Files() =>
        [.. Directory.GetFileSystemEntries(Cluster.Directory, "*", SearchOption.AllDirectories).Order()];
}
