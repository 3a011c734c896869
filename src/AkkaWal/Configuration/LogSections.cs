using Akka.Actor;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using AkkaWal.Configuration.Hocon;

namespace AkkaWal.Configuration;

/// <summary>
/// The sections of named logs, <c>akka-wal.logs.NAME</c>. Each may have those keys of <c>akka-wal</c> that apply to one
/// log.
/// </summary>
internal static class LogSections
{
    /// <summary>The section that contains all of them.</summary>
    public const string Parent = $"{WalSection}.logs";

    private const string WalSection = "akka-wal";

    private const int MaxNameLength = 128;

    /// <summary>The whole key of a log's section.</summary>
    /// <exception cref="WalConfigException">The name is not legal for a log.</exception>
    public static string KeyOf(string name)
    {
        var key = HoconPath.Join(Parent, name);
        if (name.Length <= MaxNameLength && ActorPath.IsValidPathElement(name) && !name.Contains('"')) return key;
        throw new WalConfigException(
            key, $"is no name for a log: it must be the name of an actor, of at most {MaxNameLength} letters");
    }

    /// <summary>The names of the logs that have a section, in order.</summary>
    public static IReadOnlyList<string> Names(Config config) =>
        Section(config) is { } logs ? [.. logs.Items.Keys.Order(StringComparer.Ordinal)] : [];

    /// <summary>Refuses names that are not legal for a log, and keys that a log's section does not have.</summary>
    /// <param name="config">The configuration to check. It may have no logs.</param>
    /// <param name="reference">The reference configuration.</param>
    /// <exception cref="WalConfigException">
    /// The message has the key, and a similar known key if there is one.
    /// </exception>
    public static void Check(Config config, Config reference)
    {
        if (Section(config) is not { } logs) return;
        var wal = reference.GetValue(WalSection).GetObject();
        var known = new HoconObject();
        foreach (var (name, value) in wal.Items)
            if (!IsShared(name, value)) known.Items[name] = value;

        foreach (var (name, value) in logs.Items)
        {
            var section = KeyOf(name);
            if (value.IsObject()) CheckShared(value.GetObject(), wal, known, section);
            ConfigKeys.Check(value, known, section);
        }
    }

    private static void CheckShared(HoconObject log, HoconObject wal, HoconObject known, string section)
    {
        foreach (var name in log.Items.Keys)
        {
            if (!wal.Items.ContainsKey(name) || known.Items.ContainsKey(name)) continue;
            throw new WalConfigException(
                HoconPath.Join(section, name), $"is not one log's own; set {HoconPath.Join(WalSection, name)}");
        }
    }

    // Dispatchers, and sections that other code reads.
    private static bool IsShared(string name, HoconValue value) =>
        value.IsObject() && (ConfigKeys.IsDispatcher(value.GetObject()) || value.GetObject().Items.Count == 0)
        || $"{WalSection}.{name}" == Parent;

    private static HoconObject? Section(Config config) =>
        config.IsEmpty ? null : config.GetValue(Parent)?.GetObject();
}
