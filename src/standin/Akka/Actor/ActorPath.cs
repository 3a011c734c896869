using System.Text;

namespace Akka.Actor;

public sealed class Address : IEquatable<Address>
{
    public Address(string protocol, string system, string host = null, int? port = null)
    {
        Protocol = protocol;
        System = system;
        Host = host;
        Port = port;
    }

    public string Protocol { get; }

    public string System { get; }

    public string Host { get; }

    public int? Port { get; }

    public bool Equals(Address other) =>
        other is not null && Protocol == other.Protocol && System == other.System && Host == other.Host && Port == other.Port;

    public override bool Equals(object obj) => Equals(obj as Address);

    public override int GetHashCode() => HashCode.Combine(Protocol, System, Host, Port);

    public override string ToString()
    {
        var host = Host is null ? "" : "@" + Host;
        var port = Port is null ? "" : ":" + Port;
        return $"{Protocol}://{System}{host}{port}";
    }
}

/// <summary>A path is its name below its parent; the uid tells two lives of one path apart and is no part of equality.</summary>
public abstract class ActorPath : IEquatable<ActorPath>, IComparable<ActorPath>
{
    private const string Symbols = "-_.*$+:@&=,!~';()";

    private readonly string _name;
    private string _text;

    private protected ActorPath(Address address, ActorPath parent, string name, long uid)
    {
        Address = address;
        Parent = parent ?? this;
        _name = name;
        Uid = uid;
    }

    public Address Address { get; }

    public ActorPath Parent { get; }

    public string Name => _name;

    public long Uid { get; }

    public ActorPath Root
    {
        get
        {
            var path = this;
            while (!ReferenceEquals(path.Parent, path))
                path = path.Parent;
            return path;
        }
    }

    public int Depth
    {
        get
        {
            var depth = 0;
            for (var path = this; !ReferenceEquals(path.Parent, path); path = path.Parent)
                depth++;
            return depth;
        }
    }

    public IReadOnlyList<string> Elements
    {
        get
        {
            var elements = new string[Depth];
            var path = this;
            for (var i = elements.Length - 1; i >= 0; i--, path = path.Parent)
                elements[i] = path._name;
            return elements;
        }
    }

    public static ActorPath operator /(ActorPath path, string name) => path.Child(name);

    public static bool operator ==(ActorPath left, ActorPath right) => left?.Equals(right) ?? right is null;

    public static bool operator !=(ActorPath left, ActorPath right) => !(left == right);

    public static bool IsValidPathElement(string s)
    {
        if (string.IsNullOrEmpty(s) || s[0] == '$')
            return false;
        foreach (var c in s)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !Symbols.Contains(c) && c != '%')
                return false;
        }

        return true;
    }

    public ActorPath Child(string childName)
    {
        var hash = childName.IndexOf('#');
        return hash < 0 ? new ChildActorPath(this, childName, 0)
            : new ChildActorPath(this, childName[..hash], long.Parse(childName.AsSpan(hash + 1), System.Globalization.CultureInfo.InvariantCulture));
    }

    public bool Equals(ActorPath other)
    {
        if (other is null)
            return false;
        ActorPath a = this, b = other;
        while (!ReferenceEquals(a, b))
        {
            if (a._name != b._name)
                return false;
            var aIsRoot = ReferenceEquals(a.Parent, a);
            if (aIsRoot != ReferenceEquals(b.Parent, b))
                return false;
            if (aIsRoot)
                return a.Address.Equals(b.Address);
            (a, b) = (a.Parent, b.Parent);
        }

        return true;
    }

    public int CompareTo(ActorPath other) => other is null ? 1 : string.CompareOrdinal(ToString(), other.ToString());

    public override bool Equals(object obj) => Equals(obj as ActorPath);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public string ToStringWithoutAddress() => "/" + string.Join('/', Elements);

    public string ToStringWithUid() => Uid == 0 ? ToString() : $"{ToString()}#{Uid}";

    public override string ToString() => _text ??= Address + ToStringWithoutAddress();
}

public sealed class RootActorPath : ActorPath
{
    public RootActorPath(Address address, string name = "")
        : base(address, null, name, 0)
    {
    }
}

public sealed class ChildActorPath : ActorPath
{
    public ChildActorPath(ActorPath parentPath, string name, long uid)
        : base(parentPath.Address, parentPath, name, uid)
    {
    }
}

/// <summary>The names of actors that were given none: $a, $b, ... in base 64.</summary>
internal static class NameGenerator
{
    private const string Digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~";

    public static string Next(ref long counter)
    {
        var value = Interlocked.Increment(ref counter) - 1;
        var text = new StringBuilder("$");
        do
        {
            text.Append(Digits[(int)(value & 63)]);
            value >>>= 6;
        }
        while (value != 0);
        return text.ToString();
    }
}
