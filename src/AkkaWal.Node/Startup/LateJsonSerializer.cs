using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace AkkaWal.Node.Startup;

/// <summary>
/// Akka.NET's own JSON serializer, made when it is first used. Every actor system makes its serializers when it starts,
/// and loading Newtonsoft.Json takes a while. The node sends nothing to other nodes and never uses it.
/// </summary>
/// <param name="system">The actor system.</param>
/// <param name="settings">The section <c>akka.actor.serialization-settings.json</c>.</param>
internal sealed class LateJsonSerializer(ExtendedActorSystem system, Config settings) : Serializer(system)
{
    private readonly Lazy<Serializer> _serializer = new(() => new NewtonSoftJsonSerializer(system, settings));

    /// <summary>That of the serializer that it stands for, as Akka.NET's reference configuration gives it.</summary>
    public override int Identifier => 1;

    public override bool IncludeManifest => _serializer.Value.IncludeManifest;

    public override byte[] ToBinary(object obj) => _serializer.Value.ToBinary(obj);

    public override object FromBinary(byte[] bytes, Type type) => _serializer.Value.FromBinary(bytes, type);
}
