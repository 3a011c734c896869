namespace AkkaWal.Node.Json;

/// <summary>
/// Finds a value by its name in UTF-8, without making a string. Filled once, then read by any thread. The names are
/// few, so the search compares those of the same length.
/// </summary>
internal sealed class Utf8Table<T>
{
    private Entry?[] _byLength = [];

    /// <summary>Adds a name. Must not be called after the first lookup.</summary>
    public void Add(byte[] name, T value)
    {
        if (name.Length >= _byLength.Length) Array.Resize(ref _byLength, name.Length + 1);
        _byLength[name.Length] = new Entry(name, value, _byLength[name.Length]);
    }

    /// <summary>The value of a name; false where the table does not have it.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out T value)
    {
        if (name.Length < _byLength.Length)
        {
            for (var entry = _byLength[name.Length]; entry is not null; entry = entry.Next)
            {
                if (!name.SequenceEqual(entry.Name)) continue;
                value = entry.Value;
                return true;
            }
        }

        value = default!;
        return false;
    }

    // A class: generic code over a value type of this assembly would have to be compiled at every start.
    private sealed record Entry(byte[] Name, T Value, Entry? Next);
}
