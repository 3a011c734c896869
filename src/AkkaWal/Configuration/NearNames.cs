namespace AkkaWal.Configuration;

/// <summary>Finds a known name that is similar to an unknown one.</summary>
internal static class NearNames
{
    private const int MaxLength = 64;

    /// <summary>
    /// The known name that is most similar to an unknown one; null if none is similar. Case, hyphens, underscores and
    /// blanks are ignored; of the rest up to a third of the shorter name may differ.
    /// </summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        var plain = Plain(name);
        if (plain.Length > MaxLength) return null;

        string? nearest = null;
        var least = int.MaxValue;
        foreach (var candidate in known.Order(StringComparer.Ordinal))
        {
            var other = Plain(candidate);
            var distance = Distance(plain, other);
            if (distance >= least || distance > Math.Min(plain.Length, other.Length) / 3) continue;
            (nearest, least) = (candidate, distance);
        }

        return nearest;
    }

    private static string Plain(string name) =>
        string.Concat(name.Where(static letter => letter is not ('-' or '_' or ' ')).Select(char.ToLowerInvariant));

    // The number of letters deleted, inserted, replaced or swapped with the next one.
    private static int Distance(string left, string right)
    {
        var rows = new int[left.Length + 1, right.Length + 1];
        for (var row = 0; row <= left.Length; row++) rows[row, 0] = row;
        for (var column = 0; column <= right.Length; column++) rows[0, column] = column;
        for (var row = 1; row <= left.Length; row++)
        {
            for (var column = 1; column <= right.Length; column++)
            {
                var exchanged = rows[row - 1, column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1);
                var least = Math.Min(exchanged, Math.Min(rows[row - 1, column], rows[row, column - 1]) + 1);
                var isSwapped = row > 1 && column > 1
                    && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
                rows[row, column] = isSwapped ? Math.Min(least, rows[row - 2, column - 2] + 1) : least;
            }
        }

        return rows[left.Length, right.Length];
    }
}
