namespace AkkaWal.Configuration.Hocon;

/// <summary>Formats keys and values as in a file. A whole key is its names with dots between them.</summary>
internal static class HoconPath
{
    /// <summary>The key of a name in a section. The top section is "".</summary>
    public static string Join(string section, string name)
    {
        var quoted = name.Length == 0 || name.Contains('.', StringComparison.Ordinal) ? $"\"{name}\"" : name;
        return section.Length == 0 ? quoted : $"{section}.{quoted}";
    }

    /// <summary>A text as a value in quotes.</summary>
    public static string Quote(string text)
    {
        var escaped = text
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
        return $"\"{escaped}\"";
    }

    /// <summary>Whether a key is the section's own or a key in the section.</summary>
    public static bool IsWithin(string key, string section) =>
        key.StartsWith(section, StringComparison.Ordinal)
        && (key.Length == section.Length || key[section.Length] == '.');
}
