using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Maintenance;

namespace AkkaWal.Storage;

// What can be done to sealed segments. Each operation happens as a whole, whenever the power goes, or not at all.
public sealed partial class SegmentedLog
{
    private WalException? _maintenanceLatched;

    /// <summary>Deletes a sealed segment: its records are gone, and a gap is left where it was.</summary>
    /// <returns>The bytes that its records took.</returns>
    /// <exception cref="ArgumentException">The log has no such segment.</exception>
    /// <exception cref="InvalidOperationException">It is the active one.</exception>
    /// <exception cref="WalIOException">It definitely did not happen.</exception>
    /// <exception cref="WalReadOnlyException">It did not happen: the outcome of an operation before is not known.</exception>
    /// <exception cref="WalOutcomeUnknownException">Whether it happened is known when the log is opened anew.</exception>
    public long DeleteSegment(string file)
    {
        if (MaintenanceTarget.Find(_directory, file, out var segment) is { } refusal) throw refusal.ToException(nameof(file));
        return Delete([segment]);
    }

    /// <summary>Deletes the sealed segments that lie wholly below an offset, all or none. Errors as <see cref="DeleteSegment"/>.</summary>
    /// <param name="offset">0 to the next offset; the log's <see cref="StartOffset"/> is at most this afterwards.</param>
    /// <returns>The bytes that the records took.</returns>
    public long TruncateBefore(long offset)
    {
        if (MaintenanceTarget.FindBefore(_directory, offset, CommittedNextOffset, out var segments) is { } refusal) throw refusal.ToException(nameof(offset));
        return segments.Count == 0 ? 0 : Delete(segments);
    }

    /// <summary>Compresses a sealed segment; its records are read as before. Errors as <see cref="DeleteSegment"/>, and:</summary>
    /// <returns>The segment as it is now.</returns>
    /// <exception cref="InvalidOperationException">It is compressed already, in the archive, or does not shrink.</exception>
    /// <exception cref="WalDamagedException">It has a damaged record, and stays as it is.</exception>
    public SegmentInfo CompressSegment(string file)
    {
        if (MaintenanceTarget.FindToCompress(_directory, file, out var segment) is { } refusal) throw refusal.ToException(nameof(file));
        var outcome = Maintain(before => SegmentCompression.Run(_directory.Store, before, segment));
        _directory.NoteChanged(outcome.Segment);
        if (!outcome.IsCompressed) throw MaintenanceTarget.DoesNotShrink(file).ToException(nameof(file));
        LetGoOfReader();
        return outcome.Segment.Info;
    }

    /// <summary>Moves a sealed segment to <see cref="WalOptions.Archive"/>; its records are read from there. Errors as <see cref="DeleteSegment"/>, and:</summary>
    /// <returns>Where its records are, for people.</returns>
    /// <exception cref="InvalidOperationException">It is there already, or no archive is set.</exception>
    /// <exception cref="WalDamagedException">It has a damaged record, and stays where it is.</exception>
    public string ArchiveSegment(string file)
    {
        if (MaintenanceTarget.FindToArchive(_directory, file, out var segment) is { } refusal) throw refusal.ToException(nameof(file));
        var outcome = Maintain(before => SegmentArchiving.Run(_directory.Store, before, segment));
        _directory.NoteChanged(outcome.Segment);
        LetGoOfReader();
        return outcome.ArchivedTo;
    }

    private void SettleArchive(Action<string> note)
    {
        if (!_directory.HasArchiveMarks) return;
        try
        {
            ArchiveMarks.Settle(_directory.Store, _directory.CurrentManifest());
        }
        catch (WalException e)
        {
            note($"the archive may hold segments that are not archived: {e.Message}; the next opening tries again");
        }
    }

    private long Delete(IReadOnlyList<SealedSegment> segments)
    {
        var outcome = Maintain(before => SegmentDeletion.Run(_directory.Store, before, segments));
        _directory.NoteDeleted(segments);
        LetGoOfReader();
        return outcome.BytesFreed;
    }

    private T Maintain<T>(Func<Manifest, T> run)
    {
        if (_maintenanceLatched is { } cause) throw new WalReadOnlyException($"segments are left as they are after a failure: {cause.Message}", cause);
        try
        {
            return run(_directory.CurrentManifest());
        }
        catch (WalOutcomeUnknownException e)
        {
            _maintenanceLatched = e;
            throw;
        }
    }
}
