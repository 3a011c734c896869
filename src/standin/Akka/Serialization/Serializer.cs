using System.Text;
using Akka.Actor;

namespace Akka.Serialization;

public abstract class Serializer
{
    protected readonly ExtendedActorSystem system;
    private int? _identifier;

    protected Serializer(ExtendedActorSystem system) => this.system = system;

    /// <summary>From `akka.actor.serialization-identifiers`, unless a serializer says it itself.</summary>
    public virtual int Identifier => _identifier ??= SerializerIdentifierHelper.GetSerializerIdentifierFromConfig(GetType(), system);

    public abstract bool IncludeManifest { get; }

    public abstract byte[] ToBinary(object obj);

    public abstract object FromBinary(byte[] bytes, Type type);

    public T FromBinary<T>(byte[] bytes) => (T)FromBinary(bytes, typeof(T));
}

public abstract class SerializerWithStringManifest : Serializer
{
    protected SerializerWithStringManifest(ExtendedActorSystem system)
        : base(system)
    {
    }

    public sealed override bool IncludeManifest => true;

    public sealed override object FromBinary(byte[] bytes, Type type) => FromBinary(bytes, TypeNames.Of(type));

    public abstract object FromBinary(byte[] bytes, string manifest);

    public abstract string Manifest(object o);
}

public class ByteArraySerializer : Serializer
{
    public ByteArraySerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) => obj switch
    {
        null => null,
        byte[] bytes => bytes,
        _ => throw new NotSupportedException($"{obj.GetType()} is no byte[]"),
    };

    public override object FromBinary(byte[] bytes, Type type) => bytes;
}

public static class SerializerIdentifierHelper
{
    public static int GetSerializerIdentifierFromConfig(Type type, ExtendedActorSystem system)
    {
        var config = system.Settings.Config.GetConfig("akka.actor.serialization-identifiers");
        foreach (var (name, value) in config.AsEnumerable())
        {
            if (Type.GetType(name) == type)
                return value.GetInt();
        }

        throw new ArgumentException($"akka.actor.serialization-identifiers lacks {type}", nameof(type));
    }
}

internal static class TypeNames
{
    /// <summary>With the assembly, without its version.</summary>
    public static string Of(Type type) => new StringBuilder(type.FullName).Append(", ").Append(type.Assembly.GetName().Name).ToString();
}
