using Akka.Configuration;
using Akka.Configuration.Hocon;
using AkkaWal.Configuration.Hocon;

namespace AkkaWal.Configuration;

/// <summary>
/// Holds the keys of a section to those of its reference configuration, which names them all. Akka.NET itself passes
/// over what it does not know.
/// </summary>
/// <remarks>
/// Two kinds of sections are let be: an empty one in the reference is read, and checked, by somebody else; and one that
/// has a <c>type</c> is a dispatcher's, whose keys are Akka.NET's.
/// </remarks>
internal static class ConfigKeys
{
    private const string DispatcherMark = "type";

    /// <summary>Refuses a key that the reference does not have, and a section in a value's place or the reverse.
    /// </summary>
    /// <param name="config">What is checked; it may name no key at all.</param>
    /// <param name="reference">The reference configuration.</param>
    /// <param name="section">The section's whole key in both.</param>
    /// <exception cref="WalConfigException">With the key, and the one that was meant perhaps.</exception>
    public static void Check(Config config, Config reference, string section)
    {
        if (config.IsEmpty || config.GetValue(section) is not { } value) return;
        var known = reference.GetValue(section).GetObject();
        CheckKind(value, isSection: true, section);
        CheckSection(value.GetObject(), known, section, root: (section, known));
    }

    /// <summary>Keys that the reference does not have where it has another of nearly that name.</summary>
    public static IEnumerable<(string Key, string Meant)> Suspects(Config config, Config reference, string section)
    {
        if (config.IsEmpty || config.GetValue(section)?.GetObject() is not { } actual) return [];
        return Suspects(actual, reference.GetValue(section).GetObject(), section);
    }

    private static IEnumerable<(string Key, string Meant)> Suspects(
        HoconObject actual, HoconObject known, string section)
    {
        foreach (var (name, value) in actual.Items)
        {
            string key = HoconPath.Join(section, name);
            if (!known.Items.TryGetValue(name, out var reference))
            {
                string? near = NearNames.Find(name, known.Items.Keys);
                if (near is not null) yield return (key, HoconPath.Join(section, near));
            }
            else if (value.IsObject() && reference.IsObject())
            {
                foreach (var suspect in Suspects(value.GetObject(), reference.GetObject(), key)) yield return suspect;
            }
        }
    }

    private static void CheckSection(
        HoconObject actual, HoconObject known, string section, (string Key, HoconObject Object) root)
    {
        if (known.Items.Count == 0 || known.Items.ContainsKey(DispatcherMark)) return;
        foreach (var (name, value) in actual.Items)
        {
            string key = HoconPath.Join(section, name);
            if (!known.Items.TryGetValue(name, out var reference)) throw Unknown(name, section, known, root);

            CheckKind(value, reference.IsObject(), key);
            if (reference.IsObject()) CheckSection(value.GetObject(), reference.GetObject(), key, root);
        }
    }

    private static void CheckKind(HoconValue value, bool isSection, string key)
    {
        if (isSection && !value.IsObject()) throw new WalConfigException(key, "is a section and takes no value");
        if (!isSection && value.IsObject()) throw new WalConfigException(key, "takes a value and is no section");
    }

    private static WalConfigException Unknown(
        string name, string section, HoconObject known, (string Key, HoconObject Object) root)
    {
        string key = HoconPath.Join(section, name);
        string? meant = NearNames.Find(name, known.Items.Keys) is { } near
            ? HoconPath.Join(section, near)
            : FindElsewhere(name, root.Object, root.Key);
        return new WalConfigException(key, meant is null
            ? $"is not known; {section} has {string.Join(", ", known.Items.Keys.Order(StringComparer.Ordinal))}"
            : $"is not known; did you mean {meant}?");
    }

    // The same name in another section.
    private static string? FindElsewhere(string name, HoconObject known, string section)
    {
        if (known.Items.ContainsKey(DispatcherMark)) return null;
        foreach (var (candidate, value) in known.Items)
        {
            string key = HoconPath.Join(section, candidate);
            if (candidate == name) return key;
            if (value.IsObject() && FindElsewhere(name, value.GetObject(), key) is { } found) return found;
        }

        return null;
    }
}
