using AkkaWal.Cluster.Naming;
using AkkaWal.Cluster.Tests.Nodes;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Tests.Requests;

/// <summary>Requests and replies that are larger than a frame, between a log and a client on another node.</summary>
public sealed class FrameSizeSpec : ClusterSpec
{
    // The frames of a TestCluster hold 1 MiB. A reply has 4096 B less, and a request 64 B less than that.
    private const int Frame = 1 << 20, Reply = Frame - 4096, Request = Reply - 64, Fitting = 400 << 10;

    private static readonly byte[] TooLarge = new byte[Frame + 1];

    [Fact]
    public async Task Append_that_is_larger_than_a_frame_should_be_refused_and_a_smaller_one_go_on()
    {
        await Cluster.StartNode();
        var client = (await Cluster.StartProxy()).Logs.Client("orders");
        Assert.Equal(0, await client.AppendAsync(new byte[] { 1 }));

        await AssertTooLarge(() => client.AppendAsync(TooLarge));
        await AssertTooLarge(() => client.AppendAsync(TooLarge, expectedOffset: 1));
        var batch = Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[Fitting], 3).ToList();
        await AssertTooLarge(() => client.AppendBatchAsync(batch));
        Assert.Equal(1, await client.AppendAsync(new byte[Fitting]));
        Assert.Equal(Fitting, (await client.ReadAsync(1)).Length);
    }

    [Fact]
    public async Task Largest_append_that_is_not_refused_should_arrive_and_be_read_also_for_the_longest_name()
    {
        // The request's id and the payload's length.
        const int Around = 8 + 4;
        await Cluster.StartNode();
        var client = (await Cluster.StartProxy()).Logs.Client(new string('\u0436', LogName.MaxLength));
        await AssertTooLarge(() => client.AppendAsync(new byte[Request - Around + 1]));
        Assert.Equal(0, await client.AppendAsync(new byte[Request - Around]));
        Assert.Equal(Request - Around, (await client.ReadAsync(0)).Length);
        Assert.Equal(Request - Around, (await client.ReadBatchAsync(0)).Payloads[0].Length);
    }

    [Fact]
    public async Task Record_that_is_larger_than_a_frame_should_be_read_on_its_own_node_only()
    {
        var own = (await Cluster.StartNode()).Logs.Client("orders");
        var client = (await Cluster.StartProxy()).Logs.Client("orders");
        Assert.Equal(0, await own.AppendAsync(TooLarge));
        Assert.Equal(TooLarge.Length, (await own.ReadAsync(0)).Length);

        await AssertTooLarge(() => client.ReadAsync(0), Reply);
        await AssertTooLarge(() => client.ReadBatchAsync(0), Reply);
        await AssertTooLarge(async () => await client.FollowAsync(0).GetAsyncEnumerator().MoveNextAsync(), Reply);
        Assert.Equal(1, await client.AppendAsync(new byte[] { 1 }));
        Assert.Equal([1], (await client.ReadAsync(1)).ToArray());
    }

    [Fact]
    public async Task Records_of_another_node_should_come_in_batches_that_fit_into_a_frame()
    {
        var own = (await Cluster.StartNode()).Logs.Client("orders");
        var client = (await Cluster.StartProxy()).Logs.Client("orders");
        for (byte i = 0; i < 5; i++) await own.AppendAsync(Enumerable.Repeat(i, Fitting).ToArray());

        Assert.Equal(5, (await own.ReadBatchAsync(0, maxBytes: 5 * Fitting)).Payloads.Count);
        Assert.Equal(2, (await client.ReadBatchAsync(0, maxBytes: 5 * Fitting)).Payloads.Count);
        var followed = new List<byte>();
        await foreach (var record in client.FollowAsync(0))
        {
            Assert.Equal(Fitting, record.Payload.Length);
            followed.Add(record.Payload.Span[^1]);
            if (followed.Count == 5) break;
        }
        Assert.Equal([0, 1, 2, 3, 4], followed);
    }

    // A request or reply that is lost would end as unknown, at the end of the time-out.
    private static async Task AssertTooLarge(Func<Task> send, int room = Request)
    {
        var refused = await Assert.ThrowsAsync<WalRequestException>(send);
        Assert.Equal(FailureKind.Invalid, refused.Kind);
        Assert.Contains("raise maximum-frame-size", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"room for {room}:", refused.Message, StringComparison.Ordinal);
    }
}
