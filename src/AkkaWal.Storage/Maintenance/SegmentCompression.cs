using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// Replaces a sealed segment's log file by a <c>.logz</c> file. That one is written beside it, synced and named; then
/// the MANIFEST says so; then the log file is removed. The index file stays. A crash leaves one file too many, which
/// the next opening removes.
/// </summary>
internal static class SegmentCompression
{
    /// <summary>A segment that would shrink by less than this share stays as it is.</summary>
    internal const double LeastGain = 0.05;

    /// <summary>Compresses a segment.</summary>
    /// <param name="segmentFiles">The log.</param>
    /// <param name="before">The current MANIFEST.</param>
    /// <param name="segment">A sealed segment in it, neither compressed nor archived.</param>
    /// <param name="cancellation">Asked before each block. The segment then stays as it is.</param>
    /// <exception cref="WalDamagedException">A record is damaged. The segment stays as it is.</exception>
    /// <exception cref="WalIOException">The compression definitely did not happen.</exception>
    /// <exception cref="WalOutcomeUnknownException">As <see cref="ManifestSwitch.Run"/>.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    internal static Outcome Run(
        SegmentFiles segmentFiles, Manifest before, SealedSegment segment, CancellationToken cancellation = default)
    {
        var path = segmentFiles.CompressedPath(segment.BaseOffset);
        var compressed = segment with { State = segment.State | SegmentState.Compressed };
        try
        {
            var storedBytes = SegmentReader.WithOrWithoutIndex(without =>
                Prepare(segmentFiles, segment, path, without, cancellation));
            compressed = compressed with { StoredBytes = storedBytes };
            if (compressed.StoredBytes == 0)
            {
                segmentFiles.Disk.TryDelete(path + WholeFile.TemporarySuffix);
                return new Outcome(segment with { State = segment.State | SegmentState.Incompressible }, null);
            }
            ManifestSwitch.Run(segmentFiles, before.With(compressed));
        }
        catch (Exception e) when (e is OperationCanceledException or WalException and not WalOutcomeUnknownException)
        {
            segmentFiles.Disk.TryDelete(path + WholeFile.TemporarySuffix);
            segmentFiles.Disk.TryDelete(path);
            throw;
        }
        return new Outcome(compressed, segmentFiles.Disk.TryDelete(segmentFiles.LogPath(segment.BaseOffset)));
    }

    private static long Prepare(
        SegmentFiles segmentFiles, SealedSegment segment, string path, bool ignoresIndex,
        CancellationToken cancellation)
    {
        var temporary = path + WholeFile.TemporarySuffix;
        long storedBytes;
        using (var source = SegmentReader.Open(segmentFiles, segment, ignoresIndex: ignoresIndex))
        using (var target = segmentFiles.Disk.Open(temporary, FileAccessMode.CreateOrTruncate))
        {
            var logBytes = SegmentHeader.SizeBytes + segment.SizeBytes;
            var mostBytes = (long)(logBytes * (1 - LeastGain));
            var codec = segmentFiles.Options.Codec;
            storedBytes = CompressedLogWriter.Write(source, target, codec, mostBytes, cancellation);
            if (storedBytes == 0) return 0;
            target.Sync();
        }
        CompressedLogFile.Open(segmentFiles.Disk.Open(temporary, FileAccessMode.Read), segmentFiles, segment).Dispose();
        segmentFiles.Disk.Rename(temporary, path);
        segmentFiles.Disk.SyncDirectory(segmentFiles.Directory);
        segmentFiles.MakeReadOnly(path);
        return storedBytes;
    }

    /// <summary>What a compression did.</summary>
    /// <param name="Segment">The segment in its new state: compressed, or marked as incompressible.</param>
    /// <param name="LeftBehind">
    /// Why the log file could not be removed; null where it was. The next opening tries again.
    /// </param>
    internal readonly record struct Outcome(SealedSegment Segment, WalException? LeftBehind)
    {
        internal bool IsCompressed => Segment.IsCompressed;
    }
}
