using System.Text;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Tests;

public sealed class WalClientSpec : LogSpec
{
    [Fact]
    public async Task Client_should_append_read_scan_and_sync()
    {
        var client = new WalClient(StartLog(new WalOptions { MaxSegmentBytes = 100 }), Patience);
        for (var i = 0; i < 20; i++) Assert.Equal(i, await client.AppendAsync(Encoding.UTF8.GetBytes($"record {i}")));
        Assert.Equal(20, await client.AppendBatchAsync([new byte[] { 1 }, new byte[] { 2 }]));
        Assert.Equal("record 7", Encoding.UTF8.GetString((await client.ReadAsync(7)).Span));
        Assert.Equal(21, await client.SyncAsync());
        Assert.Equal(22, (await client.GetInfoAsync()).EntryCount);
        Assert.True((await client.GetSegmentsAsync()).Count > 3);
        var offsets = new List<long>();
        await foreach (var (offset, _) in client.ScanAsync(3)) offsets.Add(offset);
        Assert.Equal(Enumerable.Range(3, 19).Select(i => (long)i), offsets);
    }

    [Fact]
    public async Task Client_should_throw_what_the_log_refuses()
    {
        var client = new WalClient(StartLog(), Patience);
        Assert.Equal(FailureKind.NotFound, (await Assert.ThrowsAsync<WalRequestException>(() => client.ReadAsync(0))).Kind);
        Assert.Equal(FailureKind.Invalid, (await Assert.ThrowsAsync<WalRequestException>(() => client.AppendBatchAsync([]))).Kind);
    }

    [Fact]
    public async Task Client_should_call_an_append_unknown_when_no_reply_comes()
    {
        var client = new WalClient(CreateTestProbe().Ref, TimeSpan.FromMilliseconds(1));
        Assert.Equal(FailureKind.OutcomeUnknown, (await Assert.ThrowsAsync<WalRequestException>(() => client.AppendAsync(new byte[1]))).Kind);
    }
}
