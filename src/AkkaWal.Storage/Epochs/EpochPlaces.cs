using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Epochs;

/// <summary>
/// The epochs of a log that had an owner, as one look at its folder <c>epochs/</c> found them. The highest epoch whose
/// directory has a MANIFEST holds the log. A claim or a directory above it is of an owner that was stopped before it
/// was done, or is still at it.
/// </summary>
/// <param name="Root">The log's own directory.</param>
/// <param name="Directories">The epochs that have a directory, lowest first.</param>
/// <param name="Claims">The epochs that were claimed, lowest first.</param>
internal sealed record EpochPlaces(
    SegmentFiles Root, IReadOnlyList<long> Directories, IReadOnlyList<long> Claims)
{
    /// <summary>The highest epoch that anybody claimed; 0 where nobody did.</summary>
    internal long Highest { get; } = Math.Max(
        Claims.Count > 0 ? Claims[^1] : 0, Directories.Count > 0 ? Directories[^1] : 0);

    /// <summary>Looks for epochs; null where the log never had an owner.</summary>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static EpochPlaces? Of(SegmentFiles root)
    {
        var folder = root.PathOf(SegmentName.Epochs);
        if (root.Disk.Stat(folder) is not { Kind: WalEntryKind.Directory }) return null;
        List<long> directories = [], claims = [];
        foreach (var entry in root.Disk.List(folder))
        {
            var isDirectory = entry.Kind == WalEntryKind.Directory;
            if (SegmentName.TryParseEpoch(entry.Name, isClaim: !isDirectory, out var epoch))
                (isDirectory ? directories : claims).Add(epoch);
        }
        directories.Sort();
        claims.Sort();
        return new EpochPlaces(root, directories, claims);
    }

    /// <summary>Where the log is: its own directory, or that of an epoch. For readers, which hold no lock.</summary>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static SegmentFiles CurrentOf(SegmentFiles root) =>
        Of(root) is { } places ? places.At(places.FindCurrent()) : root;

    /// <summary>Whether the log is not any more where a look found it: another owner has moved it since.</summary>
    /// <param name="root">The log's own directory.</param>
    /// <param name="current">Where the log was.</param>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static bool HasLeft(SegmentFiles root, SegmentFiles current) =>
        CurrentOf(root).Directory != current.Directory;

    /// <summary>The epoch that holds the log; 0 where the log's own directory does.</summary>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal long FindCurrent()
    {
        for (var i = Directories.Count - 1; i >= 0; i--)
            if (Root.Disk.Stat(At(Directories[i]).PathOf(SegmentName.Manifest)) is not null) return Directories[i];
        // Where the log has moved to an epoch, one without a MANIFEST has lost it.
        return Directories.Count > 0 && ManifestOf(0) is { HasMoved: true } ? Directories[^1] : 0;
    }

    /// <summary>The log as it is in an epoch's directory, or in its own (0).</summary>
    internal SegmentFiles At(long epoch) => epoch == 0 ? Root : Root with
    {
        Directory = Path.Combine(Root.PathOf(SegmentName.Epochs), SegmentName.Epoch(epoch)),
    };

    /// <summary>The path of an epoch's claim.</summary>
    internal static string ClaimOf(SegmentFiles root, long epoch) =>
        Path.Combine(root.PathOf(SegmentName.Epochs), SegmentName.Claim(epoch));

    /// <summary>The MANIFEST of an epoch, or of the log's own directory (0); null where it is missing or bad.</summary>
    /// <exception cref="WalNewerVersionException">It is of a newer version.</exception>
    internal Manifest? ManifestOf(long epoch)
    {
        var path = At(epoch).PathOf(SegmentName.Manifest);
        if (Root.Disk.Stat(path) is not { Kind: WalEntryKind.File }) return null;
        try
        {
            return Manifest.Decode(Root.Disk.ReadWhole(path), path);
        }
        catch (WalDamagedException)
        {
            return null;
        }
    }
}
