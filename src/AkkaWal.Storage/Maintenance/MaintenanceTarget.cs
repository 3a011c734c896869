using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Maintenance;

/// <summary>Which segments an operation is about, or why it can't be: decided from the catalog alone.</summary>
internal static class MaintenanceTarget
{
    /// <summary>The sealed segment of a name; else why there is none.</summary>
    internal static MaintenanceRefusal? Find(LogDirectory directory, string file, out SealedSegment segment)
    {
        segment = default;
        if (!SegmentName.TryParse(file, SegmentName.LogSuffix, out var baseOffset)) return MaintenanceRefusal.NotHeld($"'{file}' is no segment's name");
        if (baseOffset == directory.ActiveBase) return MaintenanceRefusal.WrongState($"{file} is the active segment");
        if (directory.FindSealed(baseOffset) is { } found && found.BaseOffset == baseOffset)
        {
            segment = found;
            return null;
        }
        var where = $"the log has segments from {SegmentName.Log(directory.StartOffset)} to {SegmentName.Log(directory.ActiveBase)}";
        return MaintenanceRefusal.NotHeld(directory.WasDeleted(baseOffset)
            ? $"{file} was deleted; {where}"
            : $"{file} is no segment of the log; {where}");
    }

    /// <summary>The segment of a name, where it can be compressed; else why not.</summary>
    internal static MaintenanceRefusal? FindToCompress(LogDirectory directory, string file, out SealedSegment segment) =>
        Find(directory, file, out segment) ?? (segment switch
        {
            { IsCompressed: true } => MaintenanceRefusal.WrongState($"{file} is compressed already"),
            { IsArchived: true } => MaintenanceRefusal.WrongState(
                $"{file} is in the archive: what is to be compressed is compressed before"),
            { State: var state } when state.HasFlag(SegmentState.Incompressible) => DoesNotShrink(file),
            _ => null,
        });

    /// <summary>The segment of a name, where it can be archived; else why not.</summary>
    internal static MaintenanceRefusal? FindToArchive(LogDirectory directory, string file, out SealedSegment segment) =>
        Find(directory, file, out segment)
        ?? (segment.IsArchived ? MaintenanceRefusal.WrongState($"{file} is in the archive already")
            : directory.Store.Options.Archive is null ? MaintenanceRefusal.Unavailable("no archive is set: akka-wal.archive.directory says where it is")
            : null);

    /// <summary>It was tried.</summary>
    internal static MaintenanceRefusal DoesNotShrink(string file) =>
        MaintenanceRefusal.WrongState($"{file} stays as it is: compressed, it would be smaller by less than {SegmentCompression.LeastGain:P0}");

    /// <summary>The sealed segments that lie wholly below an offset; else why the offset is none to truncate at.</summary>
    internal static MaintenanceRefusal? FindBefore(LogDirectory directory, long offset, long nextOffset, out IReadOnlyList<SealedSegment> segments)
    {
        segments = [];
        if (offset < 0) return MaintenanceRefusal.Invalid($"before_offset must be 0 or more, not {offset}");
        if (offset > nextOffset) return MaintenanceRefusal.NotHeld($"{directory.TellNotHeld(offset, nextOffset)}; {nextOffset} is the highest to truncate before");
        segments = [.. directory.Sealed.TakeWhile(segment => segment.NextOffset <= offset)];
        return null;
    }
}
