using System.Collections.Concurrent;
using System.Runtime.Serialization;
using Akka.Actor;

namespace Akka.Serialization;

/// <summary>Which serializer writes and reads a message: `akka.actor.serializers`, bound to types by `serialization-bindings`.</summary>
public class Serialization
{
    private readonly ConcurrentDictionary<Type, Serializer> _byType = new();
    private readonly Dictionary<string, Serializer> _byName = new();
    private readonly Dictionary<int, Serializer> _byId = new();
    private readonly List<(Type Type, Serializer Serializer)> _bindings = new();

    public Serialization(ExtendedActorSystem system)
    {
        System = system;
        var config = system.Settings.Config.GetConfig("akka.actor");
        foreach (var (name, className) in config.GetConfig("serializers").AsEnumerable())
        {
            var type = Type.GetType(className.GetString()) ?? throw new TypeLoadException($"akka.actor.serializers.{name}: there is no type {className}");
            AddSerializer(name, Make(type, system));
        }

        foreach (var (typeName, name) in config.GetConfig("serialization-bindings").AsEnumerable())
        {
            var type = Type.GetType(typeName) ?? throw new TypeLoadException($"akka.actor.serialization-bindings: there is no type {typeName}");
            if (!_byName.TryGetValue(name.GetString(), out var serializer))
                throw new Configuration.ConfigurationException($"akka.actor.serialization-bindings: {typeName} is bound to {name.GetString()}, which akka.actor.serializers lacks");
            AddSerializationMap(type, serializer);
        }
    }

    public ExtendedActorSystem System { get; }

    public void AddSerializer(string name, Serializer serializer)
    {
        _byName[name] = serializer;
        _byId[serializer.Identifier] = serializer;
    }

    public void AddSerializationMap(Type type, Serializer serializer)
    {
        _bindings.Add((type, serializer));
        _byType.Clear();
    }

    public Serializer FindSerializerFor(object obj, string defaultSerializerName = null) =>
        FindSerializerForType(obj?.GetType() ?? typeof(object), defaultSerializerName);

    public Serializer FindSerializerForType(Type objectType, string defaultSerializerName = null)
    {
        if (_byType.TryGetValue(objectType, out var known))
            return known;
        var found = Find(objectType) ?? (defaultSerializerName is null ? null : _byName.GetValueOrDefault(defaultSerializerName))
            ?? throw new SerializationException($"{objectType} is bound to no serializer");
        return _byType[objectType] = found;
    }

    public byte[] Serialize(object o) => FindSerializerFor(o).ToBinary(o);

    public object Deserialize(byte[] bytes, int serializerId, Type type) => ById(serializerId).FromBinary(bytes, type);

    public object Deserialize(byte[] bytes, int serializerId, string manifest)
    {
        var serializer = ById(serializerId);
        if (serializer is SerializerWithStringManifest withManifest)
            return withManifest.FromBinary(bytes, manifest);
        return serializer.FromBinary(bytes, string.IsNullOrEmpty(manifest) ? null : Type.GetType(manifest, throwOnError: true));
    }

    public static string ManifestFor(Serializer s, object msg) => s switch
    {
        SerializerWithStringManifest withManifest => withManifest.Manifest(msg),
        { IncludeManifest: true } => TypeNames.Of(msg.GetType()),
        _ => "",
    };

    private static Serializer Make(Type type, ExtendedActorSystem system) => (Serializer)Activator.CreateInstance(type, system);

    private Serializer ById(int id) => _byId.TryGetValue(id, out var serializer) ? serializer
        : throw new SerializationException($"No serializer here has the identifier {id}; akka.actor.serializers may differ from where the bytes come from.");

    /// <summary>The binding to the type itself, else the one to the nearest base, or to an interface.</summary>
    private Serializer Find(Type type)
    {
        (Type Type, Serializer Serializer) best = default;
        foreach (var binding in _bindings)
        {
            if (binding.Type.IsAssignableFrom(type) && (best.Type is null || best.Type.IsAssignableFrom(binding.Type)))
                best = binding;
        }

        return best.Serializer;
    }
}
