using System.Globalization;
using System.Text;

namespace Akka.Configuration.Hocon;

public class HoconObject
{
    public Dictionary<string, HoconValue> Items { get; } = new();

    public HoconValue GetKey(string key) => Items.GetValueOrDefault(key);

    public override string ToString() => ToString(0);

    public string ToString(int indent)
    {
        var text = new StringBuilder();
        var margin = new string(' ', indent * 2);
        foreach (var (key, value) in Items)
            text.Append(margin).Append(HoconText.Quoted(key)).Append(" : ").AppendLine(value.ToString(indent));
        return text.ToString();
    }

    internal HoconValue GetOrAdd(string key)
    {
        if (!Items.TryGetValue(key, out var value))
            Items[key] = value = new HoconValue();
        return value;
    }

    /// <summary>A new object: this one, with what the other has besides; objects of one name are merged.</summary>
    internal HoconObject WithFallback(HoconObject other)
    {
        var merged = new HoconObject();
        foreach (var (key, value) in Items)
        {
            var isMerge = other.Items.TryGetValue(key, out var below) && value.IsObject() && below.IsObject();
            merged.Items[key] = isMerge ? new HoconValue(value.GetObject().WithFallback(below.GetObject())) : value;
        }

        foreach (var (key, value) in other.Items)
            merged.Items.TryAdd(key, value);
        return merged;
    }
}

/// <summary>An object, or a row of literals, lists and substitutions that make one value.</summary>
public class HoconValue
{
    // string | HoconObject | List<HoconValue> | HoconValue (a substitution's target)
    private readonly List<object> _parts = new(1);

    public HoconValue()
    {
    }

    internal HoconValue(HoconObject value) => _parts.Add(value);

    public bool IsEmpty => _parts.Count == 0 || (IsObject() && GetObject().Items.Count == 0);

    // Blanks between two parts are text only where both are.
    public bool IsObject()
    {
        var has = false;
        foreach (var part in _parts)
        {
            if (part is HoconObject || (part is HoconValue value && value.IsObject()))
                has = true;
            else if (part is not string text || !string.IsNullOrWhiteSpace(text))
                return false;
        }

        return has;
    }

    public bool IsString()
    {
        foreach (var part in _parts)
        {
            if (part is not string && !(part is HoconValue value && value.IsString()))
                return false;
        }

        return _parts.Count > 0;
    }

    public bool IsArray() => GetArray().Count != 0;

    /// <summary>Null where this is no object.</summary>
    public HoconObject GetObject()
    {
        if (!IsObject())
            return null;
        HoconObject merged = null;
        foreach (var part in _parts)
        {
            if (part is string)
                continue;
            var one = part as HoconObject ?? ((HoconValue)part).GetObject();
            merged = merged is null ? one : one.WithFallback(merged);
        }

        return merged;
    }

    public HoconValue GetChildObject(string key) => GetObject()?.GetKey(key);

    public IList<HoconValue> GetArray()
    {
        var all = new List<HoconValue>();
        foreach (var part in _parts)
        {
            if (part is List<HoconValue> list)
                all.AddRange(list);
            else if (part is HoconValue value)
                all.AddRange(value.GetArray());
        }

        return all;
    }

    /// <summary>Null where this is no literal, or is the literal null.</summary>
    public string GetString()
    {
        if (!IsString())
            return null;
        var text = Text().Trim();
        return text == "null" ? null : text;
    }

    public bool GetBoolean() => GetString() switch
    {
        "on" or "true" => true,
        "off" or "false" => false,
        var other => throw new NotSupportedException($"'{other}' is none of on, off, true and false"),
    };

    public int GetInt() => int.Parse(GetString(), NumberFormatInfo.InvariantInfo);

    public long GetLong() => long.Parse(GetString(), NumberFormatInfo.InvariantInfo);

    public double GetDouble() => double.Parse(GetString(), NumberFormatInfo.InvariantInfo);

    public TimeSpan GetTimeSpan(bool allowInfinite = true) => HoconText.ParseTimeSpan(GetString(), allowInfinite);

    public long? GetByteSize() => HoconText.ParseByteSize(GetString());

    public IList<string> GetStringList()
    {
        var texts = new List<string>();
        foreach (var value in GetArray())
            texts.Add(value.GetString());
        return texts;
    }

    public Config ToConfig() => new(this);

    public override string ToString() => ToString(0);

    public virtual string ToString(int indent)
    {
        if (IsString())
            return HoconText.Quoted(GetString() ?? "null");
        if (IsObject())
            return $"{{\n{GetObject().ToString(indent + 1)}{new string(' ', indent * 2)}}}";
        return "[" + string.Join(", ", GetArray()) + "]";
    }

    internal void Clear() => _parts.Clear();

    internal void Add(object part) => _parts.Add(part);

    private string Text()
    {
        if (_parts.Count == 1 && _parts[0] is string only)
            return only;
        var text = new StringBuilder();
        foreach (var part in _parts)
            text.Append(part as string ?? ((HoconValue)part).Text());
        return text.ToString();
    }
}
