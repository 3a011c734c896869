using Akka.Configuration;
using Akka.Configuration.Hocon;
using AkkaWal.Configuration.Hocon;

namespace AkkaWal.Configuration;

/// <summary>
/// Checks that a section has no keys but those of its reference configuration, which names all keys. Akka.NET itself
/// ignores unknown keys.
/// </summary>
/// <remarks>
/// Two kinds of sections are not checked. A section that is empty in the reference is checked by the code that reads
/// it. A section with a <c>type</c> is a dispatcher, and its keys are Akka.NET's.
/// </remarks>
internal static class ConfigKeys
{
    private const string DispatcherMark = "type";

    /// <summary>
    /// Refuses a key that the reference does not have, a value for a section, and a section for a value.
    /// </summary>
    /// <param name="config">The configuration to check. It may be empty.</param>
    /// <param name="reference">The reference configuration.</param>
    /// <param name="section">The section's whole key in both.</param>
    /// <exception cref="WalConfigException">
    /// The message has the key, and a similar known key if there is one.
    /// </exception>
    public static void Check(Config config, Config reference, string section)
    {
        if (config.IsEmpty || config.GetValue(section) is not { } value) return;
        Check(value, reference.GetValue(section).GetObject(), section);
    }

    /// <summary>Refuses a section with keys that a reference at another place does not have.</summary>
    /// <param name="value">The section's value.</param>
    /// <param name="known">The reference's section.</param>
    /// <param name="section">The section's whole key.</param>
    /// <exception cref="WalConfigException">
    /// The message has the key, and a similar known key if there is one.
    /// </exception>
    public static void Check(HoconValue value, HoconObject known, string section)
    {
        CheckKind(value, isSection: true, section);
        CheckSection(value.GetObject(), known, section, root: (section, known));
    }

    /// <summary>Whether a configuration has a value for every key of the reference.</summary>
    public static bool HoldsAll(Config config, Config reference) =>
        !config.IsEmpty && HoldsAll(config.Root.GetObject(), reference.Root.GetObject());

    /// <summary>Whether a section of the reference is a dispatcher's.</summary>
    public static bool IsDispatcher(HoconObject section) => section.Items.ContainsKey(DispatcherMark);

    /// <summary>The unknown keys whose names are similar to a known key's.</summary>
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
            var key = HoconPath.Join(section, name);
            if (!known.Items.TryGetValue(name, out var reference))
            {
                var near = NearNames.Find(name, known.Items.Keys);
                if (near is not null) yield return (key, HoconPath.Join(section, near));
            }
            else if (value.IsObject() && reference.IsObject())
            {
                foreach (var suspect in Suspects(value.GetObject(), reference.GetObject(), key)) yield return suspect;
            }
        }
    }

    private static bool HoldsAll(HoconObject actual, HoconObject known) => known.Items.All(
        one => actual.Items.TryGetValue(one.Key, out var value)
            && (!one.Value.IsObject() || !value.IsObject() || HoldsAll(value.GetObject(), one.Value.GetObject())));

    private static void CheckSection(
        HoconObject actual, HoconObject known, string section, (string Key, HoconObject Object) root)
    {
        if (known.Items.Count == 0 || IsDispatcher(known)) return;
        foreach (var (name, value) in actual.Items)
        {
            var key = HoconPath.Join(section, name);
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
        var key = HoconPath.Join(section, name);
        return NearNames.Find(name, known.Items.Keys) is null && FindElsewhere(name, root.Object, root.Key) is { } meant
            ? new WalConfigException(key, $"is not known; did you mean {meant}?")
            : Unknown(name, section, known.Items.Keys);
    }

    /// <summary>The exception for an unknown key, with a similar known key if there is one.</summary>
    public static WalConfigException Unknown(string name, string section, IReadOnlyCollection<string> known)
    {
        var has = known.Count == 0 ? "nothing" : string.Join(", ", known.Order(StringComparer.Ordinal));
        return new WalConfigException(HoconPath.Join(section, name), NearNames.Find(name, known) is { } near
            ? $"is not known; did you mean {HoconPath.Join(section, near)}?"
            : $"is not known; {section} has {has}");
    }

    // Looks for the same name in another section.
    private static string? FindElsewhere(string name, HoconObject known, string section)
    {
        if (IsDispatcher(known)) return null;
        foreach (var (candidate, value) in known.Items)
        {
            var key = HoconPath.Join(section, candidate);
            if (candidate == name) return key;
            if (value.IsObject() && FindElsewhere(name, value.GetObject(), key) is { } found) return found;
        }

        return null;
    }
}
