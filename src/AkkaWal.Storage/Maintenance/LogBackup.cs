using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Posix;
using AkkaWal.Storage.Judgement;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// Copies a log while it is written. The copy holds every record that was acknowledged as durable before the backup
/// began, unless it was deleted before the backup ended, and each record in it was verified; behind these it may hold
/// records whose appends were under way. It is a log of its own: it opens, for writing too, and verifies without a
/// fault.
/// </summary>
/// <remarks>
/// <para>No lock of the writer is taken, nothing in the source is changed, and no append waits. Segments that are
/// rolled, compressed, archived or deleted meanwhile are followed. What is in an archive is copied out of it: the copy
/// is self-contained. The copy's IDENTITY says that it is one, so that it gets a place of its own in an archive.</para>
/// <para>A destination that was not there is built beside it, as <c>NAME.partial</c>, and gets its name when all of it
/// is on the disk. One that holds an older backup of the same log is brought up to date: sealed segments that it has
/// are not copied again, the others are prepared beside them. For the moment in which they are put in place the
/// destination bears the name <c>NAME.updating</c>; where that moment is cut, the next backup to that destination, or a
/// restore from it, ends what was begun. So a destination is the older backup, the new one, or not there, and never a
/// mixture.</para>
/// <para>Any thread may call; one backup at a time goes to one destination. Some buffers of 1 MiB, the cache of blocks
/// (<see cref="WalOptions.MaxBlockCacheBytes"/>) and the positions of one segment's records are in memory, and a few
/// files are open.</para>
/// </remarks>
public static class LogBackup
{
    /// <summary>Takes a backup.</summary>
    /// <param name="source">The log's directory; an absolute path.</param>
    /// <param name="destination">
    /// The copy's directory, an absolute path: not there, empty, or an older backup of the same log. What the log
    /// deleted since that one goes from it too.
    /// </param>
    /// <param name="options">How the log is kept: its archive, where it has one.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <param name="progress">Told after each part.</param>
    /// <param name="cancellation">Ends the backup, as long as the destination is as it was.</param>
    /// <exception cref="ArgumentException">
    /// A path is not absolute, or one of the two directories lies in the other.
    /// </exception>
    /// <exception cref="WalFaultException">
    /// The source is no log, is damaged, or was made by a newer version; or the destination holds something else.
    /// Nothing was changed.
    /// </exception>
    /// <exception cref="WalLockedException">Somebody has the destination open, or takes a backup to it.</exception>
    /// <exception cref="WalIOException">
    /// The platform failed: the destination is as it was, and what was prepared is removed where that can be done.
    /// </exception>
    /// <exception cref="WalOutcomeUnknownException">
    /// The platform failed while the copy was put in place: the next backup to this destination tells, or ends it.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled: the destination is as it was.</exception>
    public static BackupReport Run(
        string source, string destination, WalOptions? options = null, IWalFileSystem? files = null,
        IProgress<BackupProgress>? progress = null, CancellationToken cancellation = default) =>
        Copy(source, destination, false, options, files, progress, cancellation);

    /// <summary>
    /// Copies a backup to where a log is to be opened, and verifies each record of it. Errors and parameters as
    /// <see cref="Run"/>.
    /// </summary>
    /// <param name="backup">The backup's directory. It stays as it is; an update that was cut is ended.</param>
    /// <param name="target">The log's directory: not there, or empty.</param>
    /// <param name="options">How the log is kept.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <param name="progress">Told after each part.</param>
    /// <param name="cancellation">Ends the restore; nothing is left of it.</param>
    /// <exception cref="WalFaultException">
    /// The backup is damaged or incomplete, or the target holds something.
    /// </exception>
    public static BackupReport Restore(
        string backup, string target, WalOptions? options = null, IWalFileSystem? files = null,
        IProgress<BackupProgress>? progress = null, CancellationToken cancellation = default)
    {
        var place = Absolute(backup, nameof(backup));
        BackupPlace.FinishUpdate(files ?? PosixFileSystem.Instance, place);
        return Copy(place, target, true, options, files, progress, cancellation);
    }

    private static BackupReport Copy(
        string source, string destination, bool isRestore, WalOptions? options, IWalFileSystem? files,
        IProgress<BackupProgress>? progress, CancellationToken cancellation)
    {
        (source, destination) = (Absolute(source, nameof(source)), Absolute(destination, nameof(destination)));
        files ??= PosixFileSystem.Instance;
        var store = new SegmentStore(files, source, Guid.Empty, options ?? new WalOptions());
        using var directory = store.OpenDirectory();
        store = store with { Files = directory };
        RequireApart(files, directory, destination);
        var view = BackupView.Of(store);
        cancellation.ThrowIfCancellationRequested();
        using var place = BackupPlace.Take(files, destination, view.Store, mayUpdate: !isRestore);
        try
        {
            var run = new BackupRun(view, place, progress, cancellation);
            var report = run.Copy();
            place.Complete(run.Manifest, IdentityFile.EncodeForCopy(view.Store));
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

    // By what the directories are, and not by their names: links lead anywhere.
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
            // What stands at the path itself may be anything; above it are directories, and links to them.
            var kind = at == "/" ? WalEntryKind.Directory : files.Stat(at)?.Kind;
            if (kind is null || (at == path && kind != WalEntryKind.Directory)) continue;
            using var directory = files.OpenDirectory(at);
            if (directory.Identity == identity) return true;
        }
        return false;
    }
}
