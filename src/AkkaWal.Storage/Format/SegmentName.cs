using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace AkkaWal.Storage.Format;

/// <summary>
/// The names of a log's files. Those of a segment start with its base offset in at least eight digits. They are ordered
/// by number, not by name.
/// </summary>
internal static class SegmentName
{
    internal const string LogSuffix = ".log", IndexSuffix = ".index", CompressedSuffix = ".logz";
    internal const string ArchivingSuffix = ".archiving";
    internal const string ProofSuffix = ".proof";
    internal const string Manifest = "MANIFEST", Lock = "LOCK", Identity = "IDENTITY";

    /// <summary>The note of a deletion: which segments it is about to remove.</summary>
    internal const string Deleting = "DELETING";

    /// <summary>The folder for bytes that were cut or replaced, and for files that the log does not use.</summary>
    internal const string SetAside = "set-aside";

    /// <summary>
    /// The folder with the claims of epochs and their directories, in a log that had an owner. See FORMAT.md.
    /// </summary>
    internal const string Epochs = "epochs";

    private const string ClaimSuffix = ".claim";

    /// <summary>An epoch's directory, in the folder of the epochs.</summary>
    internal static string Epoch(long epoch) => epoch.ToString(CultureInfo.InvariantCulture);

    /// <summary>An epoch's claim, in the folder of the epochs: whoever creates it has the epoch.</summary>
    internal static string Claim(long epoch) => Epoch(epoch) + ClaimSuffix;

    /// <summary>The epoch in the name of a directory or, with <paramref name="isClaim"/>, of a claim.</summary>
    internal static bool TryParseEpoch(string name, bool isClaim, out long epoch)
    {
        var number = isClaim && name.EndsWith(ClaimSuffix, StringComparison.Ordinal)
            ? name[..^ClaimSuffix.Length] : name;
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out epoch)
            && epoch > 0
            && name == (isClaim ? Claim(epoch) : Epoch(epoch));
    }

    internal static string Log(long baseOffset) => Stem(baseOffset) + LogSuffix;

    internal static string Index(long baseOffset) => Stem(baseOffset) + IndexSuffix;

    internal static string Compressed(long baseOffset) => Stem(baseOffset) + CompressedSuffix;

    /// <summary>The proof of a plain log file in the archive.</summary>
    internal static string Proof(long baseOffset) => Stem(baseOffset) + ProofSuffix;

    /// <summary>The mark that the archive may hold a segment beyond what the MANIFEST says.</summary>
    internal static string Archiving(long baseOffset, int place = 0) => place == 0
        ? Stem(baseOffset) + ArchivingSuffix
        : string.Create(CultureInfo.InvariantCulture, $"{Stem(baseOffset)}{ArchivingSuffix}.{place}");

    /// <summary>
    /// The base offset and the place in the name of a mark; false where it is not exactly such a name.
    /// </summary>
    internal static bool TryParseArchiving([NotNullWhen(true)] string? name, out long baseOffset, out int place)
    {
        place = 0;
        if (TryParse(name, ArchivingSuffix, out baseOffset)) return true;
        return name is not null
            && name.LastIndexOf('.') is > 0 and var dot
            && int.TryParse(name.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out place)
            && TryParse(name[..dot], ArchivingSuffix, out baseOffset)
            && name == Archiving(baseOffset, place);
    }

    /// <summary>
    /// The base offset in a name; false where it is not exactly a name that the log itself would write.
    /// </summary>
    internal static bool TryParse([NotNullWhen(true)] string? name, string suffix, out long baseOffset)
    {
        baseOffset = -1;
        return name is not null
            && name.EndsWith(suffix, StringComparison.Ordinal)
            && long.TryParse(
                name.AsSpan(0, name.Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture,
                out baseOffset)
            && name == Stem(baseOffset) + suffix;
    }

    private static string Stem(long baseOffset) => baseOffset.ToString("D8", CultureInfo.InvariantCulture);
}
