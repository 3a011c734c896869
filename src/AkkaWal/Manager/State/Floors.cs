namespace AkkaWal.Manager.State;

/// <summary>
/// The floors of consumers: nothing at or above the lowest one is deleted. Owned by the manager; survives its restarts.
/// </summary>
internal sealed class Floors
{
    /// <summary>The most floors of a log. More are refused.</summary>
    internal const int MaxFloors = 1024;

    private readonly Dictionary<string, long> _byName = [];

    /// <summary>The lowest floor; the largest number if there is none.</summary>
    internal long Lowest => _byName.Count == 0 ? long.MaxValue : _byName.Values.Min();

    /// <summary>Sets or moves a floor; false if there are too many.</summary>
    internal bool TryHold(string name, long offset)
    {
        if (_byName.Count >= MaxFloors && !_byName.ContainsKey(name)) return false;
        _byName[name] = offset;
        return true;
    }

    internal void Release(string name) => _byName.Remove(name);

    /// <summary>Why records below an offset may not be deleted; null if they may.</summary>
    internal string? Explain(long nextOffset)
    {
        foreach (var (name, offset) in _byName)
            if (offset < nextOffset) return $"'{name}' needs everything from offset {offset} on";
        return null;
    }
}
