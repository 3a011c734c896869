using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Judgement;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// Moves a sealed segment with its index to the archive. Both are copied, synced and verified there; then the MANIFEST
/// says so; then the files beside the log are removed. A crash leaves the copies or the originals as well. For the
/// copies see <see cref="ArchiveMarks"/>.
/// </summary>
internal static class SegmentArchiving
{
    private const int VerifyBytes = 1 << 20;

    /// <summary>Archives a segment.</summary>
    /// <param name="store">The log.</param>
    /// <param name="before">The current MANIFEST.</param>
    /// <param name="segment">A sealed segment in it, compressed or not.</param>
    /// <exception cref="WalDamagedException">A record is damaged. The segment stays where it is.</exception>
    /// <exception cref="WalIOException">The archiving definitely did not happen.</exception>
    /// <exception cref="WalOutcomeUnknownException">As <see cref="ManifestSwitch.Run"/>.</exception>
    internal static Outcome Run(SegmentStore store, Manifest before, SealedSegment segment)
    {
        var archive = ArchivePlaces.ReachableArchive(store, before);
        var name = segment.FileName;
        var isCompressed = segment.IsCompressed;
        var (proof, checksum, index) = SegmentReader.WithOrWithoutIndex(without => Prove(store, segment, without));
        // Claims the place before a mark is set: a mark then proves that the place existed, so an archive without the
        // place counts as out of reach.
        var archived = segment with
        {
            State = segment.State | SegmentState.Archived,
            StoredBytes = isCompressed ? segment.StoredBytes : SegmentHeader.SizeBytes + segment.SizeBytes,
            Place = ArchivePlaces.ClaimOwn(store, archive),
            ArchiveChecksum = checksum,
        };
        var stored = new Stack<string>();
        try
        {
            ArchiveMarks.Set(store, [archived]);
            Store(store, archive, archived, name, stored);
            if (index is null) Store(store, archive, archived, SegmentName.Index(segment.BaseOffset), stored);
            else Store(store, archive, archived, index, stored);
            if (proof is not null) Store(store, archive, archived, proof, stored);
            ManifestSwitch.RunMakingRoom(store, before.With(archived), [segment]);
        }
        catch (WalException e) when (e is not WalOutcomeUnknownException)
        {
            TryUndo(store, archive, archived, stored);
            throw;
        }
        var left = store.Files.TryDelete(store.PathOf(name))
            ?? store.Files.TryDelete(store.IndexPath(segment.BaseOffset));
        left ??= ArchiveMarks.Clear(store, archived);
        return new Outcome(archived, archive.Describe(store.PlaceId(archived.Place), name), left);
    }

    /// <summary>
    /// Verifies a segment before it is archived: a damaged one must stay where it can be repaired.
    /// </summary>
    /// <returns>
    /// The proof of a plain log file, else null; the checksum of the blocks; a rebuilt index where the segment's is
    /// lost or bad, else null.
    /// </returns>
    private static (IWalFile? Proof, uint Checksum, IWalFile? Index) Prove(
        SegmentStore store, SealedSegment segment, bool ignoresIndex)
    {
        using var reader = SegmentReader.Open(store, segment, ignoresIndex: ignoresIndex);
        var (proof, checksum) = ProveLog(store, reader);
        var index = reader.FoundInLog is { } positions
            ? SegmentIndexFile.EncodeSealed(store.EmptyIndexSlot(reader.Header), segment, positions)
            : null;
        return (proof, checksum, index is null ? null : new BytesFile(store.IndexPath(segment.BaseOffset), index));
    }

    private static (IWalFile? Proof, uint Checksum) ProveLog(SegmentStore store, SegmentReader reader)
    {
        var segment = reader.Segment;
        if (!segment.IsCompressed && CompressedLogWriter.Prove(reader) is (var bytes, var checksum))
            return (new BytesFile(store.PathOf(SegmentName.Proof(segment.BaseOffset)), bytes), checksum);
        Verify(reader);
        var (file, _) = store.OpenSealed(segment);
        using (file) return (null, (file as CompressedLogFile)?.DirectoryChecksum ?? 0);
    }

    private static void Verify(SegmentReader reader)
    {
        var segment = reader.Segment;
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
    }

    private static void Store(
        SegmentStore store, ISegmentArchive archive, SealedSegment segment, string name, Stack<string> stored)
    {
        using var file = store.Files.Open(store.PathOf(name), FileAccessMode.Read);
        Store(store, archive, segment, file, stored);
    }

    private static void Store(
        SegmentStore store, ISegmentArchive archive, SealedSegment segment, IWalFile source, Stack<string> stored)
    {
        var name = Path.GetFileName(source.Path);
        stored.Push(name);
        try
        {
            ArchivedFiles.Store(archive, store.PlaceId(segment.Place), name, source);
        }
        catch (WalForeignException)
        {
            stored.Pop();
            throw;
        }
    }

    // Where the archive is out of reach, the mark stays and the next opening tries again.
    private static void TryUndo(
        SegmentStore store, ISegmentArchive archive, SealedSegment segment, Stack<string> stored)
    {
        try
        {
            if (stored.Count > 0) archive.Delete(store.PlaceId(segment.Place), stored);
            ArchiveMarks.Clear(store, segment);
        }
        catch (WalException)
        {
        }
    }

    /// <summary>What an archiving did.</summary>
    /// <param name="Segment">The segment in its new state.</param>
    /// <param name="ArchivedTo">Where its records are, for people.</param>
    /// <param name="LeftBehind">
    /// Why a file here could not be removed; null where all were. The next opening tries again.
    /// </param>
    internal readonly record struct Outcome(SealedSegment Segment, string ArchivedTo, WalException? LeftBehind);
}
