using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Catalog.Archive;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// The operations on the sealed segments of an open log. Each happens as a whole or not at all, also in a power cut.
/// For the thread that owns the log; no other object may have the segments open.
/// </summary>
internal sealed class LogMaintenance(LogDirectory directory)
{
    /// <summary>
    /// The failure of an operation whose outcome is unknown; null where there is none. After it no segment is changed.
    /// </summary>
    internal WalException? Latched { get; private set; }

    /// <summary>As <see cref="SegmentedLog.DeleteSegment"/>.</summary>
    internal long Delete(string file)
    {
        if (MaintenanceTarget.Find(directory, file, out var segment) is { } refusal)
            throw refusal.ToException(nameof(file));
        return Delete([segment]);
    }

    /// <summary>As <see cref="SegmentedLog.TruncateBefore"/>.</summary>
    internal long TruncateBefore(long offset, long nextOffset)
    {
        if (MaintenanceTarget.FindBefore(directory, offset, nextOffset, out var segments) is { } refusal)
            throw refusal.ToException(nameof(offset));
        return segments.Count == 0 ? 0 : Delete(segments);
    }

    /// <summary>As <see cref="SegmentedLog.CompressSegment"/>.</summary>
    internal SegmentInfo Compress(string file, CancellationToken cancellation)
    {
        if (MaintenanceTarget.FindToCompress(directory, file, out var segment) is { } refusal)
            throw refusal.ToException(nameof(file));
        var outcome = Run(before =>
            SegmentCompression.Run(directory.SegmentFiles, before, segment, cancellation));
        directory.NoteChanged(outcome.Segment);
        if (!outcome.IsCompressed) throw MaintenanceTarget.DoesNotShrink(file).ToException(nameof(file));
        return outcome.Segment.Info;
    }

    /// <summary>As <see cref="SegmentedLog.ArchiveSegment"/>.</summary>
    internal string Archive(string file, CancellationToken cancellation)
    {
        if (MaintenanceTarget.FindToArchive(directory, file, out var segment) is { } refusal)
            throw refusal.ToException(nameof(file));
        var outcome = Run(before => SegmentArchiving.Run(directory.SegmentFiles, before, segment, cancellation));
        directory.NoteChanged(outcome.Segment);
        return outcome.ArchivedTo;
    }

    /// <summary>Removes files from the archive that an interrupted operation left there.</summary>
    internal void CleanUpArchive(Action<string> note)
    {
        if (!directory.HasArchiveMarks) return;
        try
        {
            ArchiveMarks.RemoveUnlisted(directory.SegmentFiles, directory.CurrentManifest());
        }
        catch (WalException e)
        {
            note($"the archive may hold segments that are not archived: {e.Message}; the next opening tries again");
        }
    }

    private long Delete(IReadOnlyList<SealedSegment> segments)
    {
        var outcome = Run(before => SegmentDeletion.Run(directory.SegmentFiles, before, segments));
        directory.NoteDeleted(segments);
        return outcome.BytesFreed;
    }

    private T Run<T>(Func<Manifest, T> run)
    {
        if (Latched is { } cause)
            throw new WalReadOnlyException($"segments are left as they are after a failure: {cause.Message}", cause);
        directory.SegmentFiles.ThrowIfLost();
        try
        {
            return run(directory.CurrentManifest());
        }
        catch (WalOutcomeUnknownException e)
        {
            Latched = e;
            throw;
        }
    }
}
