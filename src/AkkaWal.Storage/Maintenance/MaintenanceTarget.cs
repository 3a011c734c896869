using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Maintenance;

/// <summary>The segments that an operation is about, or why it is refused. Decided by the catalog alone.</summary>
internal static class MaintenanceTarget
{
    /// <summary>Finds the sealed segment of a name.</summary>
    /// <returns>Why there is none; null where it was found.</returns>
    internal static MaintenanceRefusal? Find(LogDirectory directory, string file, out SealedSegment segment)
    {
        segment = default;
        if (!SegmentName.TryParse(file, SegmentName.LogSuffix, out var baseOffset))
            return MaintenanceRefusal.NotHeld($"'{file}' is no segment's name");
        if (baseOffset == directory.ActiveBase) return MaintenanceRefusal.WrongState($"{file} is the active segment");
        if (directory.FindSealed(baseOffset) is { } found && found.BaseOffset == baseOffset)
        {
            segment = found;
            return null;
        }
        var (first, last) = (SegmentName.Log(directory.StartOffset), SegmentName.Log(directory.ActiveBase));
        var where = $"the log has segments from {first} to {last}";
        return MaintenanceRefusal.NotHeld(directory.WasDeleted(baseOffset)
            ? $"{file} was deleted; {where}"
            : $"{file} is no segment of the log; {where}");
    }

    /// <summary>Finds the segment of a name, where it can be compressed.</summary>
    /// <returns>Why it can't be; null where it can.</returns>
    internal static MaintenanceRefusal? FindToCompress(
        LogDirectory directory, string file, out SealedSegment segment) =>
        Find(directory, file, out segment) ?? (segment switch
        {
            { IsCompressed: true } => MaintenanceRefusal.WrongState($"{file} is compressed already"),
            { IsArchived: true } => MaintenanceRefusal.WrongState(
                $"{file} is in the archive: what is to be compressed is compressed before"),
            { IsIncompressible: true } => DoesNotShrink(file),
            _ => null,
        });

    /// <summary>Finds the segment of a name, where it can be archived.</summary>
    /// <returns>Why it can't be; null where it can.</returns>
    internal static MaintenanceRefusal? FindToArchive(LogDirectory directory, string file, out SealedSegment segment) =>
        Find(directory, file, out segment)
        ?? (segment.IsArchived ? MaintenanceRefusal.WrongState($"{file} is in the archive already")
            : directory.SegmentFiles.Options.Archive is null
                ? MaintenanceRefusal.Unavailable("no archive is set: akka-wal.archive.directory says where it is")
                : null);

    /// <summary>The refusal for a segment that was found not to shrink.</summary>
    internal static MaintenanceRefusal DoesNotShrink(string file) =>
        MaintenanceRefusal.WrongState(
            $"{file} stays as it is: compressed, it would be smaller by less than {SegmentCompression.LeastGain:P0}");

    /// <summary>Finds the sealed segments that lie wholly below an offset.</summary>
    /// <returns>Why the log can't be truncated there; null where it can.</returns>
    internal static MaintenanceRefusal? FindBefore(
        LogDirectory directory, long offset, long nextOffset, out IReadOnlyList<SealedSegment> segments)
    {
        segments = [];
        if (offset < 0) return MaintenanceRefusal.Invalid($"before_offset must be 0 or more, not {offset}");
        if (offset > nextOffset)
        {
            var notHeld = directory.ReasonNotHeld(offset, nextOffset);
            return MaintenanceRefusal.NotHeld($"{notHeld}; {nextOffset} is the highest to truncate before");
        }
        segments = [.. directory.Sealed.TakeWhile(segment => segment.NextOffset <= offset)];
        return null;
    }
}
