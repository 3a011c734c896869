using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace AkkaWal.Node.Startup;

/// <summary>
/// Akka.NET's own JSON serializer, created at its first use. Every actor system creates its serializers at the start,
/// and loading Newtonsoft.Json takes a while. The node sends nothing to other nodes and never uses it.
/// </summary>
/// <param name="system">The actor system.</param>
/// <param name="settings">The section <c>akka.actor.serialization-settings.json</c>.</param>
internal sealed class LateJsonSerializer(ExtendedActorSystem system, Config settings) : Serializer(system)
{
    private readonly Lazy<Serializer> _serializer = new(() => new NewtonSoftJsonSerializer(system, settings));

    /// <summary>The identifier of Akka.NET's serializer, from its reference configuration.</summary>
    public override int Identifier => 1;

    public override bool IncludeManifest => _serializer.Value.IncludeManifest;

    public override byte[] ToBinary(object obj) => _serializer.Value.ToBinary(obj);

    public override object FromBinary(byte[] bytes, Type type) => _serializer.Value.FromBinary(bytes, type);
}
