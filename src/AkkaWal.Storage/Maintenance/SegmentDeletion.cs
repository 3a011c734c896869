using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// Deletes sealed segments, all of them or none: first the MANIFEST says that they are gone, then their files go. A crash between
/// the two leaves files that the next opening removes.
/// </summary>
internal static class SegmentDeletion
{
    /// <summary>Deletes segments.</summary>
    /// <param name="store">The log.</param>
    /// <param name="before">What the MANIFEST is to say but for this.</param>
    /// <param name="gone">The segments; each is in <paramref name="before"/>.</param>
    /// <exception cref="WalIOException">It definitely did not happen.</exception>
    /// <exception cref="WalOutcomeUnknownException">As <see cref="ManifestSwitch.Run"/>.</exception>
    internal static Outcome Run(SegmentStore store, Manifest before, IReadOnlyCollection<SealedSegment> gone)
    {
        ManifestSwitch.Run(store, before.Without(gone));
        long freedBytes = 0;
        WalException? left = null;
        foreach (var segment in gone)
        {
            if (store.Files.TryDelete(store.LogPath(segment.BaseOffset)) is { } failure) left ??= failure;
            else freedBytes += segment.OccupiedBytes;
            left ??= store.Files.TryDelete(store.IndexPath(segment.BaseOffset));
        }
        return new Outcome(freedBytes, left);
    }

    /// <summary>What a deletion did.</summary>
    /// <param name="BytesFreed">What the removed segments' records took where they were.</param>
    /// <param name="LeftBehind">Why a file could not be removed; the next opening tries again. Null where all are gone.</param>
    internal readonly record struct Outcome(long BytesFreed, WalException? LeftBehind);
}
