using Akka.Actor;
using Akka.TestKit;
using AkkaWal.Protocol;

namespace AkkaWal.Tests.Clients;

/// <summary>A log that is often the test itself, with methods to answer as one.</summary>
public abstract class ClientSpec : LogSpec
{
    protected static BatchRead Batch(long first, int count) =>
        new(first, [.. Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[8], count)], 0);

    /// <summary>The next message to the log is this request. It gets this reply.</summary>
    protected static void Expect(TestProbe log, LogRequest request, LogReply reply)
    {
        ArgumentNullException.ThrowIfNull(log);
        log.ExpectMsg(request, Patience);
        log.Reply(reply);
    }

    /// <summary>The client has sent the log nothing: the next message to it is another request of the client.</summary>
    protected static async Task ExpectNothing(TestProbe log, WalClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        var next = client.SyncAsync();
        Expect(log, new SyncLog(), new LogSynced(0, 0));
        await next.WaitAsync(Patience);
    }

    /// <summary>An actor has sent the test nothing: its next message is the answer to another one.</summary>
    protected void ExpectNothing(IActorRef actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        actor.Tell(new Identify(actor.Path.Name), TestActor);
        Assert.Equal(actor, ExpectMsg<ActorIdentity>(Patience).Subject);
    }

    protected static async Task<WalRecord> Next(IAsyncEnumerator<WalRecord> reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        Assert.True(await reader.MoveNextAsync().AsTask().WaitAsync(Patience));
        return reader.Current;
    }
}
