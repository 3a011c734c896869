using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace AkkaWal.Storage.Format;

/// <summary>File names: a segment's are its base offset in at least eight digits, ordered as numbers.</summary>
internal static class SegmentName
{
    internal const string LogSuffix = ".log", IndexSuffix = ".index", CompressedSuffix = ".logz", ArchivingSuffix = ".archiving";
    internal const string Manifest = "MANIFEST", Lock = "LOCK";

    /// <summary>Where bytes that were cut or replaced are kept.</summary>
    internal const string SetAside = "set-aside";

    internal static string Log(long baseOffset) => Stem(baseOffset) + LogSuffix;

    internal static string Index(long baseOffset) => Stem(baseOffset) + IndexSuffix;

    internal static string Compressed(long baseOffset) => Stem(baseOffset) + CompressedSuffix;

    internal static string Archiving(long baseOffset) => Stem(baseOffset) + ArchivingSuffix;

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
