using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Serialization;
using AkkaWal.Cluster.Messages;
using AkkaWal.Protocol;
using AkkaWal.Tests.Replies;

namespace AkkaWal.Cluster.Tests.Requests;

/// <summary>A request with its deadline, in an envelope, as bytes.</summary>
public sealed class SerializationSpec : IAsyncLifetime
{
    private static readonly DateTime Deadline = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly ActorSystem _system = ActorSystem.Create("test", ShardedWals.ReferenceConfig
        .WithFallback(WalSettings.ReferenceConfig).WithFallback(ClusterSharding.DefaultConfig())
        .WithFallback("""
            akka { loglevel = OFF, stdout-loglevel = OFF, actor.provider = remote }
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
            akka.actor.serialization-settings.allow-unregistered-types = false
            """));

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _system.Terminate();

    [Fact]
    public void Every_request_should_come_back_as_it_was()
    {
        var requests = MessageSamples.All(ActorRefs.Nobody).OfType<LogRequest>().ToList();
        Assert.InRange(requests.Count, 15, 100);
        foreach (var request in requests)
        {
            var back = RoundTrip(new ShardingEnvelope("orders-17", new ShardedRequest(request, Deadline)));
            var sharded = Assert.IsType<ShardedRequest>(back.Message);
            Assert.Equal(Deadline, sharded.Deadline);
            Assert.Equal(request.GetType(), sharded.Request.GetType());
            Assert.Equal(_system.Serialization.Serialize(request), _system.Serialization.Serialize(sharded.Request));
        }
    }

    [Fact]
    public void Append_should_keep_its_bytes_and_its_deadline()
    {
        var payload = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        var envelope = RoundTrip(new ShardingEnvelope(
            "orders-17", new ShardedRequest(new Append(payload, 7) { ExpectedOffset = 3 }, Deadline)));
        Assert.Equal("orders-17", envelope.EntityId);
        var sharded = Assert.IsType<ShardedRequest>(envelope.Message);
        Assert.Equal((Deadline, DateTimeKind.Utc), (sharded.Deadline, sharded.Deadline.Kind));
        var append = Assert.IsType<Append>(sharded.Request);
        Assert.Equal(payload, append.Payload.ToArray());
        Assert.Equal((7, 3), (append.RequestId, append.ExpectedOffset));
    }

    [Fact]
    public void What_is_no_request_should_be_refused()
    {
        var serializer = (ShardedRequestSerializer)_system.Serialization.FindSerializerForType(typeof(ShardedRequest));
        var bytes = serializer.ToBinary(new ShardedRequest(new GetLogInfo(7), Deadline));
        var manifest = serializer.Manifest(new ShardedRequest(new GetLogInfo(7), Deadline));
        Assert.IsType<ShardedRequest>(serializer.FromBinary(bytes, manifest));
        foreach (var wrong in new[] { "", "x", "d", manifest[1..] })
            Assert.Throws<System.Runtime.Serialization.SerializationException>(
                () => serializer.FromBinary(bytes, wrong));
        Assert.Throws<System.Runtime.Serialization.SerializationException>(
            () => serializer.FromBinary(bytes[..7], manifest));
        // A reply is no request.
        Assert.Throws<System.Runtime.Serialization.SerializationException>(
            () => serializer.FromBinary([.. bytes[..8], .. _system.Serialization.Serialize(new Appended(1, 2))], "dA"));
    }

    private T RoundTrip<T>(T message)
    {
        var serializer = _system.Serialization.FindSerializerFor(message);
        var manifest = Akka.Serialization.Serialization.ManifestFor(serializer, message);
        return (T)_system.Serialization.Deserialize(serializer.ToBinary(message), serializer.Identifier, manifest);
    }
}
