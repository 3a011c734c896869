using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;

namespace AkkaWal.Storage.Segments;

/// <summary>The names in a log directory, sorted by what they are. The log's own temporary files are removed on the way.</summary>
internal sealed class DirectoryNames
{
    private DirectoryNames()
    {
    }

    internal bool HasManifest { get; private set; }

    /// <summary>Whether the archive may hold too much.</summary>
    internal bool HasArchiveMarks { get; private set; }

    /// <summary>Whether the log has an identity, or is a copy of one that had.</summary>
    internal bool HasIdentity { get; private set; }

    /// <summary>The log files by base offset.</summary>
    internal Dictionary<long, WalDirectoryEntry> Logs { get; } = [];

    /// <summary>The compressed log files by base offset.</summary>
    internal Dictionary<long, WalDirectoryEntry> Compressed { get; } = [];

    /// <summary>The base offsets of the index files.</summary>
    internal List<long> Indexes { get; } = [];

    /// <summary>Looks into a log directory.</summary>
    /// <param name="store">Which one.</param>
    /// <param name="note">Told of files that are not the log's; they are left alone.</param>
    /// <exception cref="WalDamagedException">A link or the like has a segment's name.</exception>
    internal static DirectoryNames In(SegmentStore store, Action<string> note)
    {
        var names = new DirectoryNames();
        foreach (var entry in store.Files.List(store.Directory))
        {
            if (names.TryTake(store, entry) || entry.Name is SegmentName.Lock or SegmentName.SetAside || store.Options.Neighbours.Contains(entry.Name)) continue;
            if (entry.Kind == WalEntryKind.File && IsOwnTemporary(entry.Name)) store.Files.Delete(store.PathOf(entry.Name));
            else note($"left alone, not of the log: {store.PathOf(entry.Name)}");
        }
        return names;
    }

    private bool TryTake(SegmentStore store, WalDirectoryEntry entry)
    {
        if (entry.Name == SegmentName.Manifest) HasManifest = true;
        else if (SegmentName.TryParse(entry.Name, SegmentName.LogSuffix, out var baseOffset)) Logs[baseOffset] = PlainFile(store, entry);
        else if (SegmentName.TryParse(entry.Name, SegmentName.CompressedSuffix, out baseOffset)) Compressed[baseOffset] = PlainFile(store, entry);
        else if (SegmentName.TryParse(entry.Name, SegmentName.IndexSuffix, out baseOffset)) Indexes.Add(baseOffset);
        else if (SegmentName.TryParseArchiving(entry.Name, out _, out _)) HasArchiveMarks = true;
        else if (entry.Name == SegmentName.Identity) HasIdentity = true;
        else return false;
        return true;
    }

    private static WalDirectoryEntry PlainFile(SegmentStore store, WalDirectoryEntry entry) => entry.Kind == WalEntryKind.File
        ? entry
        : throw NoPlainFile(store.PathOf(entry.Name));

    internal static WalForeignException NoPlainFile(string path) => new(path, 0, "a segment", "a link or another thing that is no plain file");

    private static bool IsOwnTemporary(string name)
    {
        if (!name.EndsWith(WholeFile.TemporarySuffix, StringComparison.Ordinal)) return false;
        var stem = name[..^WholeFile.TemporarySuffix.Length];
        return stem is SegmentName.Manifest or SegmentName.Identity
            || SegmentName.TryParse(stem, SegmentName.LogSuffix, out _)
            || SegmentName.TryParse(stem, SegmentName.CompressedSuffix, out _)
            || SegmentName.TryParse(stem, SegmentName.IndexSuffix, out _);
    }
}
