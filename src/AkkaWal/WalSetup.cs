using System.Collections.Immutable;
using Akka.Actor.Setup;

namespace AkkaWal;

/// <summary>
/// Settings of an actor system's logs that a configuration can't hold, such as a clock or an archive class. It is
/// passed to the system at its creation, and is immutable.
/// </summary>
public sealed class WalSetup : Setup
{
    /// <summary>A setup without changes.</summary>
    public static readonly WalSetup Empty = new([]);

    private readonly ImmutableSortedDictionary<string, ImmutableList<Func<WalSettings, WalSettings>>> _changes;

    private WalSetup(IEnumerable<KeyValuePair<string, ImmutableList<Func<WalSettings, WalSettings>>>> changes) =>
        _changes = changes.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>
    /// The logs with changes. Each can be opened by name, even without a section in the configuration.
    /// </summary>
    public IEnumerable<string> Names => _changes.Keys;

    /// <summary>A copy with one more change to a log's settings. The changes of one log are applied in order.</summary>
    public WalSetup With(string name, Func<WalSettings, WalSettings> change)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(change);
        return new WalSetup(_changes.SetItem(name, _changes.GetValueOrDefault(name, []).Add(change)));
    }

    /// <summary>Applies the changes to a log's settings.</summary>
    internal WalSettings Apply(string name, WalSettings settings) =>
        _changes.GetValueOrDefault(name, []).Aggregate(settings, static (before, change) => change(before));
}
