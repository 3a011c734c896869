namespace AkkaWal.Manager.State;

/// <summary>The offsets from which on consumers need everything. Owned by the manager; outlives its restarts.</summary>
internal sealed class Floors
{
    /// <summary>So many may hold one; more are refused.</summary>
    internal const int MaxFloors = 1024;

    private readonly Dictionary<string, long> _byName = [];

    /// <summary>The lowest one; the largest number there is where nobody holds one.</summary>
    internal long Lowest => _byName.Count == 0 ? long.MaxValue : _byName.Values.Min();

    /// <summary>Holds or moves a floor; false where too many are held.</summary>
    internal bool TryHold(string name, long offset)
    {
        if (_byName.Count >= MaxFloors && !_byName.ContainsKey(name)) return false;
        _byName[name] = offset;
        return true;
    }

    internal void Release(string name) => _byName.Remove(name);

    /// <summary>Why records up to an offset (exclusive) may not be deleted; null where they may.</summary>
    internal string? Explain(long nextOffset)
    {
        foreach (var (name, offset) in _byName)
            if (offset < nextOffset) return $"'{name}' needs everything from offset {offset} on";
        return null;
    }
}
