using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Checks;

/// <summary>The names in a log directory, by kind. No file is opened.</summary>
internal sealed class DirectoryNames
{
    private readonly HashSet<string> _notPlain = new(StringComparer.Ordinal);
    private readonly List<string> _ofLog = [];

    private DirectoryNames()
    {
    }

    internal bool HasManifest { get; private set; }

    /// <summary>Whether there is a note of a deletion: it lists the segments that are about to be removed.</summary>
    internal bool HasDeletionNote { get; private set; }

    /// <summary>The marks of segments that the archive may hold beyond what the MANIFEST says.</summary>
    internal List<(long BaseOffset, int Place)> Marks { get; } = [];

    /// <summary>Whether the log has an identity for the archive, or is a copy of a log that has one.</summary>
    internal bool HasIdentity { get; private set; }

    /// <summary>The base offsets of the log files.</summary>
    internal HashSet<long> Logs { get; } = [];

    /// <summary>The base offsets of the compressed log files.</summary>
    internal HashSet<long> Compressed { get; } = [];

    /// <summary>The base offsets of the index files.</summary>
    internal List<long> Indexes { get; } = [];

    /// <summary>Names of temporary files, which never became part of the log.</summary>
    internal List<string> Temporaries { get; } = [];

    /// <summary>Names that do not belong to the log.</summary>
    internal List<string> Strangers { get; } = [];

    /// <summary>The names in a log's directory as they are now, without regard to what its owner keeps there.</summary>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static DirectoryNames In(SegmentFiles segmentFiles) =>
        Of(segmentFiles.Disk.List(segmentFiles.Directory), []);

    /// <summary>Sorts the names of a directory.</summary>
    /// <param name="entries">The directory's entries.</param>
    /// <param name="neighbours">Names that the owner of the directory keeps there.</param>
    internal static DirectoryNames Of(IEnumerable<WalDirectoryEntry> entries, IReadOnlyCollection<string> neighbours)
    {
        var names = new DirectoryNames();
        foreach (var entry in entries)
        {
            if (names.TryAdd(entry.Name))
            {
                if (entry.Kind != WalEntryKind.File) names._notPlain.Add(entry.Name);
            }
            else if (entry.Kind == WalEntryKind.File && IsOwnTemporary(entry.Name)) names.Temporaries.Add(entry.Name);
            else if (entry.Name is not (SegmentName.Lock or SegmentName.SetAside or SegmentName.Epochs)
                && !neighbours.Contains(entry.Name))
                names.Strangers.Add(entry.Name);
        }
        return names;
    }

    /// <summary>Whether one of the log's names is a plain file; true where there is no such name.</summary>
    internal bool IsPlain(string name) => !_notPlain.Contains(name);

    /// <summary>The plain files whose names the log itself gives, temporary ones included, LOCK aside.</summary>
    internal IEnumerable<string> OfLog => _ofLog.Where(IsPlain).Concat(Temporaries);

    private bool TryAdd(string name)
    {
        if (name == SegmentName.Manifest) HasManifest = true;
        else if (name == SegmentName.Deleting) HasDeletionNote = true;
        else if (SegmentName.TryParse(name, SegmentName.LogSuffix, out var baseOffset)) Logs.Add(baseOffset);
        else if (SegmentName.TryParse(name, SegmentName.CompressedSuffix, out baseOffset)) Compressed.Add(baseOffset);
        else if (SegmentName.TryParse(name, SegmentName.IndexSuffix, out baseOffset)) Indexes.Add(baseOffset);
        else if (SegmentName.TryParseArchiving(name, out baseOffset, out var place))
            Marks.Add((baseOffset, place));
        else if (name == SegmentName.Identity) HasIdentity = true;
        else return false;
        _ofLog.Add(name);
        return true;
    }

    private static bool IsOwnTemporary(string name)
    {
        if (!name.EndsWith(WholeFile.TemporarySuffix, StringComparison.Ordinal)) return false;
        var stem = name[..^WholeFile.TemporarySuffix.Length];
        return stem is SegmentName.Manifest or SegmentName.Deleting or SegmentName.Identity
            || SegmentName.TryParse(stem, SegmentName.LogSuffix, out _)
            || SegmentName.TryParse(stem, SegmentName.CompressedSuffix, out _)
            || SegmentName.TryParse(stem, SegmentName.IndexSuffix, out _);
    }
}
