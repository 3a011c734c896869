namespace AkkaWal.Node.Translation;

/// <summary>
/// Finds a value by its UTF-8 name without making a string of it. Made once, read by any thread. The names are few, so they
/// are told apart by length and then compared.
/// </summary>
internal sealed class Utf8Table<T>
{
    private Entry?[] _byLength = [];

    /// <summary>Adds a name. To be called before anything is looked up.</summary>
    public void Add(byte[] name, T value)
    {
        if (name.Length >= _byLength.Length) Array.Resize(ref _byLength, name.Length + 1);
        _byLength[name.Length] = new Entry(name, value, _byLength[name.Length]);
    }

    /// <summary>The value of that name; false where the table does not have it.</summary>
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

    // A class: collections of a value type of ours would have to be compiled at every start.
    private sealed record Entry(byte[] Name, T Value, Entry? Next);
}
