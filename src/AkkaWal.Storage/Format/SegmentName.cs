using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace AkkaWal.Storage.Format;

/// <summary>File names: a segment's are its base offset in at least eight digits, ordered as numbers.</summary>
internal static class SegmentName
{
    internal const string LogSuffix = ".log", IndexSuffix = ".index", CompressedSuffix = ".logz", ArchivingSuffix = ".archiving";
    internal const string ProofSuffix = ".proof";
    internal const string Manifest = "MANIFEST", Lock = "LOCK", Identity = "IDENTITY";

    /// <summary>Which segments a deletion is about to remove.</summary>
    internal const string Deleting = "DELETING";

    /// <summary>Where bytes that were cut or replaced are kept.</summary>
    internal const string SetAside = "set-aside";

    internal static string Log(long baseOffset) => Stem(baseOffset) + LogSuffix;

    internal static string Index(long baseOffset) => Stem(baseOffset) + IndexSuffix;

    internal static string Compressed(long baseOffset) => Stem(baseOffset) + CompressedSuffix;

    /// <summary>What proves a plain segment's log file in the archive.</summary>
    internal static string Proof(long baseOffset) => Stem(baseOffset) + ProofSuffix;

    /// <summary>The mark that a place in the archive may hold more of a segment than the MANIFEST says.</summary>
    internal static string Archiving(long baseOffset, int place = 0) => place == 0
        ? Stem(baseOffset) + ArchivingSuffix
        : string.Create(CultureInfo.InvariantCulture, $"{Stem(baseOffset)}{ArchivingSuffix}.{place}");

    /// <summary>The base offset and the place that the name of a mark tells.</summary>
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

    /// <summary>The base offset that a name tells; false where it is not exactly what the log itself would write.</summary>
    internal static bool TryParse([NotNullWhen(true)] string? name, string suffix, out long baseOffset)
    {
        baseOffset = -1;
        return name is not null
            && name.EndsWith(suffix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, name.Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out baseOffset)
            && name == Stem(baseOffset) + suffix;
    }

    private static string Stem(long baseOffset) => baseOffset.ToString("D8", CultureInfo.InvariantCulture);
}
