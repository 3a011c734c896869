using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// Moves a sealed segment with its index to the archive: both are copied, synced and verified there; then the MANIFEST says so; then the
/// files beside the log go. A crash leaves the copies or the originals too many; see <see cref="ArchiveMarks"/> for the former.
/// </summary>
internal static class SegmentArchiving
{
    private const int VerifyBytes = 1 << 20;

    /// <summary>Archives a segment.</summary>
    /// <param name="store">The log.</param>
    /// <param name="before">What the MANIFEST is to say but for this.</param>
    /// <param name="segment">A sealed segment of it, compressed or not.</param>
    /// <exception cref="WalDamagedException">It has a damaged record: it stays where it is.</exception>
    /// <exception cref="WalIOException">It definitely did not happen.</exception>
    /// <exception cref="WalOutcomeUnknownException">As <see cref="ManifestSwitch.Run"/>.</exception>
    internal static Outcome Run(SegmentStore store, Manifest before, SealedSegment segment)
    {
        var archive = ReachableArchive(store, before);
        var name = NameOf(segment);
        var isCompressed = (segment.State & SegmentState.Compressed) != 0;
        var archived = segment with
        {
            State = segment.State | SegmentState.Archived,
            StoredBytes = isCompressed ? segment.StoredBytes : SegmentHeader.SizeBytes + segment.SizeBytes,
        };
        var madeIndex = SegmentReader.WithOrWithoutIndex(ignoresIndex => Verify(store, segment, ignoresIndex));
        // A mark is never older than the log's place in the archive: where the place is missing, the archive is out of reach.
        archive.Prepare(store.LogId);
        try
        {
            ArchiveMarks.Set(store, [segment]);
            Copy(store, archive, name);
            var index = SegmentName.Index(segment.BaseOffset);
            if (madeIndex is null) Copy(store, archive, index);
            else archive.Store(store.LogId, index, new BytesFile(store.PathOf(index), madeIndex));
            ManifestSwitch.RunMakingRoom(store, before.With(archived), [segment]);
        }
        catch (WalException e) when (e is not WalOutcomeUnknownException)
        {
            TryUndo(store, archive, segment);
            throw;
        }
        var left = store.Files.TryDelete(store.PathOf(name)) ?? store.Files.TryDelete(store.IndexPath(segment.BaseOffset));
        return new Outcome(archived, archive.Describe(store.LogId, name), left ?? ArchiveMarks.Clear(store, segment.BaseOffset));
    }

    /// <summary>The name of a segment's records' file.</summary>
    internal static string NameOf(SealedSegment segment) => (segment.State & SegmentState.Compressed) != 0
        ? SegmentName.Compressed(segment.BaseOffset)
        : SegmentName.Log(segment.BaseOffset);

    /// <summary>The archive, proved to be the one that holds what the MANIFEST says: not an empty mount point, say.</summary>
    /// <exception cref="WalIOException">There is none, or it can't be reached.</exception>
    internal static ISegmentArchive ReachableArchive(SegmentStore store, Manifest manifest)
    {
        var archive = store.Archive;
        foreach (var segment in manifest.SealedSegments.Reverse())
        {
            if ((segment.State & SegmentState.Archived) == 0) continue;
            archive.Open(store.LogId, NameOf(segment)).Dispose();
            break;
        }
        return archive;
    }

    /// <summary>What is damaged stays where it can be mended, and is not passed on as if it were whole.</summary>
    /// <returns>An index as it should be, where the segment's is lost or bad; null where it is whole.</returns>
    private static byte[]? Verify(SegmentStore store, SealedSegment segment, bool ignoresIndex)
    {
        using var reader = SegmentReader.Open(store, segment, ignoresIndex: ignoresIndex);
        var buffer = new byte[VerifyBytes];
        for (var first = segment.BaseOffset; first < segment.NextOffset;)
        {
            var next = first + 1;
            var start = reader.Records.PositionOf(first);
            while (next < segment.NextOffset && reader.Records.PositionOf(next + 1) - start <= VerifyBytes) next++;
            var bytes = checked((int)(reader.Records.PositionOf(next) - start));
            if (bytes > buffer.Length) buffer = new byte[bytes];
            reader.Records.ReadFrames(first, next, buffer.AsSpan(0, bytes));
            first = next;
        }
        return reader.FoundInLog is { } positions ? SegmentIndexFile.EncodeSealed(store.EmptyIndexSlot(reader.Header), segment, positions) : null;
    }

    private static void Copy(SegmentStore store, ISegmentArchive archive, string name)
    {
        using var file = store.Files.Open(store.PathOf(name), FileAccessMode.Read);
        archive.Store(store.LogId, name, file);
    }

    // Where the archive can't be reached any more the mark stays, and the next opening tries again.
    private static void TryUndo(SegmentStore store, ISegmentArchive archive, SealedSegment segment)
    {
        try
        {
            archive.Delete(store.LogId, [NameOf(segment), SegmentName.Index(segment.BaseOffset)]);
            ArchiveMarks.Clear(store, segment.BaseOffset);
        }
        catch (WalException)
        {
        }
    }

    /// <summary>What an archiving did.</summary>
    /// <param name="Segment">As it is now.</param>
    /// <param name="ArchivedTo">Where its records are, for people.</param>
    /// <param name="LeftBehind">Why something could not be removed here; the next opening tries again. Null where all is.</param>
    internal readonly record struct Outcome(SealedSegment Segment, string ArchivedTo, WalException? LeftBehind);
}
