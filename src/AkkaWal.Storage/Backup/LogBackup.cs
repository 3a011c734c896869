using AkkaWal.Storage.Files;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Backup;

/// <summary>
/// Copies a log while it is written. The copy holds every record that was durable and acknowledged before the backup
/// began, unless it was deleted before the backup ended. Each record in the copy was verified. It may also hold later
/// records, whose appends were under way. The copy is a log of its own: it can be opened, for writing too, and a
/// verification finds no fault.
/// </summary>
/// <remarks>
/// <para>The writer's lock is not taken, nothing in the source is changed, and no append waits. The backup follows
/// segments that are rolled, compressed, archived or deleted meanwhile. Archived segments are copied out of the
/// archive, so the copy is self-contained. The copy's IDENTITY marks it as a copy, so that it gets its own place in an
/// archive.</para>
/// <para>A new destination is built beside it as <c>NAME.partial</c>, and is renamed once all of it is on the disk. A
/// destination that holds an older backup of the same log is updated: sealed segments that it has are not copied again;
/// the others are prepared in it under temporary names. While they are put in place, the destination is named
/// <c>NAME.updating</c>. Where that step is interrupted, the next backup to the destination, or a restore from it,
/// finishes it. So a destination is the older backup, the new one, or missing, and never a mixture.</para>
/// <para>Any thread may call; one backup at a time goes to one destination. It takes memory for a few buffers of 1 MiB,
/// the cache of blocks (<see cref="WalOptions.MaxBlockCacheBytes"/>) and the positions of one segment's records, and
/// keeps a few files open.</para>
/// </remarks>
public static class LogBackup
{
    /// <summary>Takes a backup.</summary>
    /// <param name="source">The log's directory; an absolute path.</param>
    /// <param name="destination">
    /// The copy's directory, an absolute path: missing, empty, or an older backup of the same log. Segments that the
    /// log deleted since that backup are removed from it.
    /// </param>
    /// <param name="options">How the log is kept. Needed where the log has an archive.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <param name="progress">Takes reports after each part.</param>
    /// <param name="cancellation">Ends the backup, until the copy is put in place.</param>
    /// <exception cref="ArgumentException">
    /// A path is not absolute, or one of the two directories lies in the other.
    /// </exception>
    /// <exception cref="WalFaultException">
    /// The source is no log, is damaged, or is of a newer version; or the destination holds something else. Nothing was
    /// changed.
    /// </exception>
    /// <exception cref="WalLockedException">The destination is open as a log, or another backup to it runs.</exception>
    /// <exception cref="WalIOException">
    /// The platform failed. The destination is as it was; prepared files are removed where that can be done.
    /// </exception>
    /// <exception cref="WalOutcomeUnknownException">
    /// The platform failed while the copy was put in place. The next backup to this destination tells, or finishes it.
    /// </exception>
    /// <exception cref="OperationCanceledException">The backup was cancelled. The destination is as it was.</exception>
    public static BackupReport Run(
        string source, string destination, WalOptions? options = null, IWalFileSystem? files = null,
        IProgress<BackupProgress>? progress = null, CancellationToken cancellation = default) =>
        Copy(source, destination, false, options, files, progress, cancellation);

    /// <summary>
    /// Copies a backup to where a log is to be opened, and verifies every record of it. Errors and parameters as in
    /// <see cref="Run"/>.
    /// </summary>
    /// <param name="backup">The backup's directory. It is not changed, except that an interrupted update is
    /// finished.</param>
    /// <param name="target">The log's directory: missing, or empty.</param>
    /// <param name="options">How the log is kept.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <param name="progress">Takes reports after each part.</param>
    /// <param name="cancellation">Ends the restore; what was copied is removed.</param>
    /// <exception cref="WalFaultException">
    /// The backup is damaged or incomplete, or the target is not empty.
    /// </exception>
    public static BackupReport Restore(
        string backup, string target, WalOptions? options = null, IWalFileSystem? files = null,
        IProgress<BackupProgress>? progress = null, CancellationToken cancellation = default)
    {
        var place = Absolute(backup, nameof(backup));
        BackupPlace.FinishUpdate(files ?? WalFileSystem.Default, place);
        return Copy(place, target, true, options, files, progress, cancellation);
    }

    private static BackupReport Copy(
        string source, string destination, bool isRestore, WalOptions? options, IWalFileSystem? files,
        IProgress<BackupProgress>? progress, CancellationToken cancellation)
    {
        (source, destination) = (Absolute(source, nameof(source)), Absolute(destination, nameof(destination)));
        files ??= WalFileSystem.Default;
        var segmentFiles = new SegmentFiles(files, source, Guid.Empty, options ?? new WalOptions());
        using var directory = segmentFiles.OpenDirectory();
        segmentFiles = segmentFiles with { Disk = directory };
        RequireApart(files, directory, destination);
        var view = BackupView.Of(segmentFiles);
        cancellation.ThrowIfCancellationRequested();
        using var place = BackupPlace.Acquire(files, destination, view.SegmentFiles, mayUpdate: !isRestore);
        try
        {
            var run = new BackupRun(view, place, progress, cancellation);
            var report = run.Copy();
            place.Complete(run.Manifest, run.Identity);
            return report;
        }
        catch (Exception e) when (e is not WalOutcomeUnknownException)
        {
            place.GiveUp();
            throw;
        }
    }

    private static string Absolute(string path, string parameter) => Path.IsPathFullyQualified(path)
        ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))
        : throw new ArgumentException($"'{path}' is no absolute path", parameter);

    // Compares the directories themselves and not their names, because of symbolic links.
    private static void RequireApart(IWalFileSystem files, IWalDirectory source, string destination)
    {
        if (IsAtOrBelow(files, destination, source.Identity))
            throw new ArgumentException(
                $"{destination} is {source.Path} or lies in it: a backup must be elsewhere", nameof(destination));
        if (files.Stat(destination) is not { Kind: WalEntryKind.Directory }) return;
        using var at = files.OpenDirectory(destination);
        if (IsAtOrBelow(files, source.Path, at.Identity))
            throw new ArgumentException(
                $"{source.Path} lies in {destination}: a backup must be elsewhere", nameof(destination));
    }

    private static bool IsAtOrBelow(IWalFileSystem files, string path, WalDirectoryIdentity identity)
    {
        for (var at = path; at is not null; at = Path.GetDirectoryName(at))
        {
            // The path itself may be a file. Each path above it is a directory or a link to one.
            var kind = at == "/" ? WalEntryKind.Directory : files.Stat(at)?.Kind;
            if (kind is null || (at == path && kind != WalEntryKind.Directory)) continue;
            using var directory = files.OpenDirectory(at);
            if (directory.Identity == identity) return true;
        }
        return false;
    }
}
