using AkkaWal.Storage.Catalog.Archive;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Wrappers;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
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
    /// <param name="segmentFiles">The log.</param>
    /// <param name="before">The current MANIFEST.</param>
    /// <param name="segment">A sealed segment in it, compressed or not.</param>
    /// <param name="cancellation">Asked before each part that is read. The segment then stays where it is.</param>
    /// <exception cref="WalDamagedException">A record is damaged. The segment stays where it is.</exception>
    /// <exception cref="WalIOException">The archiving definitely did not happen.</exception>
    /// <exception cref="WalOutcomeUnknownException">As <see cref="ManifestSwitch.Run"/>.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    internal static Outcome Run(
        SegmentFiles segmentFiles, Manifest before, SealedSegment segment, CancellationToken cancellation = default)
    {
        var archive = ArchivePlaces.ReachableArchive(segmentFiles, before);
        var name = segment.FileName;
        var isCompressed = segment.IsCompressed;
        var (proof, checksum, index) = SegmentReader.WithOrWithoutIndex(without =>
            Prove(segmentFiles, segment, without, cancellation));
        // Claims the place before a mark is set: a mark then proves that the place existed, so an archive without the
        // place counts as out of reach.
        var archived = segment with
        {
            State = segment.State | SegmentState.Archived,
            StoredBytes = isCompressed ? segment.StoredBytes : SegmentHeader.SizeBytes + segment.SizeBytes,
            Place = ArchivePlaces.ClaimOwn(segmentFiles, archive),
            ArchiveChecksum = checksum,
        };
        var stored = new Stack<string>();
        try
        {
            ArchiveMarks.Set(segmentFiles, [archived]);
            Store(segmentFiles, archive, archived, name, stored, cancellation);
            if (index is null)
                Store(
                    segmentFiles, archive, archived, SegmentName.Index(segment.BaseOffset), stored, cancellation);
            else Store(segmentFiles, archive, archived, index, stored);
            if (proof is not null) Store(segmentFiles, archive, archived, proof, stored);
            ManifestSwitch.RunMakingRoom(segmentFiles, before.With(archived), [segment]);
        }
        catch (Exception e) when (e is OperationCanceledException or WalException and not WalOutcomeUnknownException)
        {
            TryUndo(segmentFiles, archive, archived, stored);
            throw;
        }
        var left = segmentFiles.Disk.TryDelete(segmentFiles.PathOf(name))
            ?? segmentFiles.Disk.TryDelete(segmentFiles.IndexPath(segment.BaseOffset));
        left ??= ArchiveMarks.Clear(segmentFiles, archived);
        return new Outcome(archived, segmentFiles.ArchivedPath(archived.Place, name), left);
    }

    /// <summary>
    /// Verifies a segment before it is archived: a damaged one must stay where it can be repaired.
    /// </summary>
    /// <returns>
    /// The proof of a plain log file, else null; the checksum of the blocks; a rebuilt index where the segment's is
    /// lost or bad, else null.
    /// </returns>
    private static (IWalFile? Proof, uint Checksum, IWalFile? Index) Prove(
        SegmentFiles segmentFiles, SealedSegment segment, bool ignoresIndex, CancellationToken cancellation)
    {
        using var reader = SegmentReader.Open(segmentFiles, segment, ignoresIndex: ignoresIndex);
        var (proof, checksum) = ProveLog(segmentFiles, reader, cancellation);
        var index = reader.FoundInLog is { } positions
            ? SegmentIndexFile.EncodeSealed(segmentFiles.EmptyIndexSlot(reader.Header), segment, positions)
            : null;
        var indexFile = index is null ? null : new BytesFile(segmentFiles.IndexPath(segment.BaseOffset), index);
        return (proof, checksum, indexFile);
    }

    private static (IWalFile? Proof, uint Checksum) ProveLog(
        SegmentFiles segmentFiles, SegmentReader reader, CancellationToken cancellation)
    {
        var segment = reader.Segment;
        if (!segment.IsCompressed && CompressedLogWriter.Prove(reader, cancellation) is (var bytes, var checksum))
            return (new BytesFile(segmentFiles.PathOf(SegmentName.Proof(segment.BaseOffset)), bytes), checksum);
        Verify(reader, cancellation);
        var (file, _) = segmentFiles.OpenSealed(segment);
        using (file) return (null, (file as CompressedLogFile)?.DirectoryChecksum ?? 0);
    }

    private static void Verify(SegmentReader reader, CancellationToken cancellation)
    {
        var segment = reader.Segment;
        var buffer = new byte[VerifyBytes];
        for (var first = segment.BaseOffset; first < segment.NextOffset;)
        {
            cancellation.ThrowIfCancellationRequested();
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
        SegmentFiles segmentFiles, ISegmentArchive archive, SealedSegment segment, string name, Stack<string> stored,
        CancellationToken cancellation)
    {
        using var file = segmentFiles.Disk.Open(segmentFiles.PathOf(name), FileAccessMode.Read);
        Store(segmentFiles, archive, segment, new CancellableFile(file, cancellation), stored);
    }

    private static void Store(
        SegmentFiles segmentFiles, ISegmentArchive archive, SealedSegment segment, IWalFile source,
        Stack<string> stored)
    {
        var name = Path.GetFileName(source.Path);
        stored.Push(name);
        try
        {
            ArchivedFiles.Store(archive, segmentFiles.PlaceId(segment.Place), name, source);
        }
        catch (WalForeignException)
        {
            stored.Pop();
            throw;
        }
    }

    // Where the archive is out of reach, the mark stays and the next opening tries again.
    private static void TryUndo(
        SegmentFiles segmentFiles, ISegmentArchive archive, SealedSegment segment, Stack<string> stored)
    {
        try
        {
            // Another owner may have archived the segment since.
            segmentFiles.ThrowIfLost();
            if (stored.Count > 0) archive.Delete(segmentFiles.PlaceId(segment.Place), stored);
            ArchiveMarks.Clear(segmentFiles, segment);
        }
        catch (WalException)
        {
        }
    }

    /// <summary>What an archiving did.</summary>
    /// <param name="Segment">The segment in its new state.</param>
    /// <param name="ArchivedTo">Where its records are, for operators.</param>
    /// <param name="LeftBehind">
    /// Why a file here could not be removed; null where all were. The next opening tries again.
    /// </param>
    internal readonly record struct Outcome(SealedSegment Segment, string ArchivedTo, WalException? LeftBehind);
}
