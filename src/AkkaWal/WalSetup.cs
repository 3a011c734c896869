using System.Collections.Immutable;
using Akka.Actor.Setup;

namespace AkkaWal;

/// <summary>
/// What an actor system's logs are made with that a configuration cannot say: a clock, an archive of one's own. It is
/// given to the system where that is created, and immutable.
/// </summary>
public sealed class WalSetup : Setup
{
    /// <summary>Says nothing.</summary>
    public static readonly WalSetup Empty = new([]);

    private readonly ImmutableSortedDictionary<string, ImmutableList<Func<WalSettings, WalSettings>>> _changes;

    private WalSetup(IEnumerable<KeyValuePair<string, ImmutableList<Func<WalSettings, WalSettings>>>> changes) =>
        _changes = changes.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>The logs that it says something of; each can be asked for, whatever the configuration says.</summary>
    public IEnumerable<string> Names => _changes.Keys;

    /// <summary>The same, and a change to what the configuration says of a log. Changes of one log are made in their
    /// order.</summary>
    public WalSetup With(string name, Func<WalSettings, WalSettings> change)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(change);
        return new WalSetup(_changes.SetItem(name, _changes.GetValueOrDefault(name, []).Add(change)));
    }

    /// <summary>What a configuration says of a log, with the changes made.</summary>
    internal WalSettings Apply(string name, WalSettings settings) =>
        _changes.GetValueOrDefault(name, []).Aggregate(settings, static (before, change) => change(before));
}
