using System.Security.Cryptography;
using System.Text;

namespace AkkaWal.Cluster.Naming;

/// <summary>
/// The legal names of sharded logs, and the names of their folders. Two logs never have the same folder, even on a file
/// system that ignores case. A folder's name has at most <see cref="MaxFolderLength"/> letters.
/// </summary>
internal static class LogName
{
    internal const int MaxLength = 128;

    internal const int MaxFolderLength = 120;

    // Separates the start of a long name from its hash. No escaped name contains it, so a cut name is no other's.
    private const char HashMark = '~';

    private const int HashLength = 64;

    // The names of devices on Windows, with or without an extension.
    private static readonly string[] Devices =
    [
        "con", "prn", "aux", "nul",
        .. Enumerable.Range(0, 10).SelectMany(i => new[] { $"com{i}", $"lpt{i}" }),
    ];

    private static readonly UTF8Encoding Strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Why no log can have this name; null if it is legal.</summary>
    internal static string? Explain(string? name)
    {
        if (string.IsNullOrEmpty(name)) return "the name of a log must not be empty";
        if (name.Length > MaxLength)
            return $"the name of a log has at most {MaxLength} letters, not {name.Length}: {name[..32]}...";
        if (name is "." or ".." || name.AsSpan().ContainsAny('/', '\\'))
            return $"the name of a log must not be a path: {name}";
        if (name.Any(char.IsControl)) return "the name of a log must not have control characters";
        return IsUnicode(name) ? null : "the name of a log must be legal Unicode";
    }

    /// <summary>The name of a log's folder. The actor of its manager is named after it, too.</summary>
    /// <param name="name">A legal name.</param>
    internal static string FolderOf(string name)
    {
        var text = new StringBuilder(name.Length);
        var bytes = Strict.GetBytes(name);
        var isDevice = Devices.Contains(name.Split('.')[0]);
        for (var i = 0; i < bytes.Length; i++)
        {
            // A file whose name begins with a dot is no log. Some file systems remove a dot at the end.
            var isOfEnd = i == 0 || i == bytes.Length - 1;
            var letter = (char)bytes[i];
            var isKept = char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '_'
                || (letter == '.' && !isOfEnd);
            if (isKept && !(isDevice && i == 0)) text.Append(letter);
            else text.Append('%').Append(Convert.ToHexStringLower(bytes, i, 1));
        }
        if (text.Length <= MaxFolderLength) return text.ToString();
        var kept = text.ToString(0, MaxFolderLength - HashLength - 1);
        // The cut must not split an escape.
        if (kept.LastIndexOf('%') is var last && last > kept.Length - 3) kept = kept[..last];
        return kept + HashMark + Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    private static bool IsUnicode(string name)
    {
        try
        {
            Strict.GetByteCount(name);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
