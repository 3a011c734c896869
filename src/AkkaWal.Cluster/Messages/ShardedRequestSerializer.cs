using System.Buffers.Binary;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using AkkaWal.Protocol;
using AkkaWal.Serialization;

namespace AkkaWal.Cluster.Messages;

/// <summary>
/// Serializes a <see cref="ShardedRequest"/>: the ticks of its deadline as i64 in little-endian order, then the request
/// as <see cref="WalSerializer"/> writes it. The manifest is <c>d</c> and the request's manifest.
/// </summary>
public sealed class ShardedRequestSerializer : SerializerWithStringManifest
{
    private const char Prefix = 'd';

    private readonly WalSerializer _requests;

    /// <summary>Called by the actor system, from the bindings in hocon/sharding.conf.</summary>
    public ShardedRequestSerializer(ExtendedActorSystem system) : base(system) => _requests = new WalSerializer(system);

    /// <inheritdoc/>
    public override string Manifest(object o) => Prefix + _requests.Manifest(Sharded(o).Request);

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        var sharded = Sharded(obj);
        var bytes = _requests.ToBinary(sharded.Request, sizeof(long));
        BinaryPrimitives.WriteInt64LittleEndian(bytes, sharded.Deadline.Ticks);
        return bytes;
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (manifest is not [Prefix, ..] || bytes.Length < sizeof(long))
            throw new SerializationException($"'{manifest}' with {bytes.Length} bytes is no request to a sharded log");
        var ticks = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
            throw new SerializationException($"{ticks} is no deadline of a request to a sharded log");
        if (WalSerializer.FromBytes(bytes.AsSpan(sizeof(long)), manifest[1..]) is not LogRequest request)
            throw new SerializationException($"'{manifest}' is no request to a sharded log");
        return new ShardedRequest(request, new DateTime(ticks, DateTimeKind.Utc));
    }

    private static ShardedRequest Sharded(object message) => message as ShardedRequest
        ?? throw new ArgumentException($"{message?.GetType()} is no {nameof(ShardedRequest)}", nameof(message));
}
