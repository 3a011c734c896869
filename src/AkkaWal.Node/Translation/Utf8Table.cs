namespace AkkaWal.Node.Translation;

/// <summary>
/// Finds a value by its UTF-8 name without making a string of it. Made once, read by any thread. The names are few, so they
/// are told apart by length and then compared.
/// </summary>
internal sealed class Utf8Table<T>
{
    private readonly (byte[] Name, T Value)[][] _byLength;

    public Utf8Table(IReadOnlyList<(byte[] Name, T Value)> entries)
    {
        int longest = 0;
        foreach (var entry in entries) longest = Math.Max(longest, entry.Name.Length);

        _byLength = new (byte[], T)[longest + 1][];
        for (int length = 0; length <= longest; length++) _byLength[length] = [];
        foreach (var entry in entries)
        {
            var bucket = _byLength[entry.Name.Length];
            Array.Resize(ref bucket, bucket.Length + 1);
            bucket[^1] = entry;
            _byLength[entry.Name.Length] = bucket;
        }
    }

    /// <summary>The value of that name; false where the table does not have it.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out T value)
    {
        if (name.Length < _byLength.Length)
        {
            foreach (var entry in _byLength[name.Length])
            {
                if (!name.SequenceEqual(entry.Name)) continue;
                value = entry.Value;
                return true;
            }
        }

        value = default!;
        return false;
    }
}
