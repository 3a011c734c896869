using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.Node.Data;

/// <summary>
/// Where the node keeps its log: below a given folder, or in a private one that is removed when the process ends.
/// </summary>
/// <remarks>
/// <code>
/// DIR/NODE_ID/                        the log, with its own LOCK
/// TMP/akkawal-RANDOM/LOCK             locked while the process lives: unlocked, a killed process left the folder
/// TMP/akkawal-RANDOM/NODE_ID/         the log
/// </code>
/// </remarks>
internal sealed class DataDirectory(IWalFileSystem files, string? given, string temporary, Action<string> note)
{
    private const string Prefix = "akkawal-";
    private const string LockName = "LOCK";
    private const int MaxAttempts = 16;
    private const int MaxSwept = 64;

    private readonly Lock _gate = new();
    private IWalDirectory? _private;
    private IWalLock? _lock;

    /// <summary>The folder of a node's log. Creates the private folder where no folder was given.</summary>
    /// <exception cref="WalException">The folder could not be created.</exception>
    public string DirectoryOf(string nodeId)
    {
        lock (_gate) return Path.Combine(given ?? (_private ??= MakePrivate()).Path, nodeId);
    }

    /// <summary>
    /// Removes the private folder with its contents; does nothing to a given folder. To be called after the log is
    /// closed.
    /// </summary>
    /// <exception cref="WalException">Not all of it could be removed.</exception>
    public void Remove()
    {
        lock (_gate)
        {
            if (_private is not { } folder) return;
            _private = null;
            using (folder)
            using (_lock)
            using (var parent = files.OpenDirectory(temporary)) RemoveLocked(folder, parent);
        }
    }

    /// <summary>
    /// Removes the private folders that killed processes of this user left. A folder that can't be removed now is left
    /// to the next start. Any user may create names in the temporary folder, so each is opened once, and no link is
    /// followed.
    /// </summary>
    public void Sweep()
    {
        if (given is not null) return;
        try
        {
            using var parent = files.OpenDirectory(temporary);
            var sweptCount = 0;
            foreach (var entry in parent.List(temporary))
            {
                if (entry.Kind != WalEntryKind.Directory) continue;
                if (!entry.Name.StartsWith(Prefix, StringComparison.Ordinal)) continue;
                if (SweepOne(parent, Path.Combine(temporary, entry.Name)) && ++sweptCount == MaxSwept) break;
            }
        }
        catch (WalException)
        {
            // The temporary folder can't be read.
        }
    }

    private IWalDirectory MakePrivate()
    {
        for (var attempt = 1; ; attempt++)
        {
            var path = Path.Combine(temporary, Prefix + Guid.NewGuid().ToString("N"));
            files.CreateDirectory(path);
            IWalDirectory? folder = null;
            try
            {
                folder = files.OpenDirectory(path);
                _lock = folder.Lock(Path.Combine(path, LockName));
                if (_lock.WhyLost() is { } why) throw new WalIOException("lock", path, false, why);
                note($"no data directory was given: the log is in {path} until this process ends");
                return folder;
            }
            catch (WalException) when (attempt < MaxAttempts)
            {
                // Another process swept the folder before it was locked.
                _lock?.Dispose();
                folder?.Dispose();
            }
        }
    }

    private static bool SweepOne(IWalDirectory parent, string path)
    {
        try
        {
            using var folder = parent.OpenDirectory(path);
            if (!folder.IsPrivate || folder.IsMountPoint) return false;
            // Checked before the lock, which would create the file. A folder without a lock file may be about to get
            // one: it is removed only while it is empty, and its process then creates another one.
            if (folder.Stat(Path.Combine(path, LockName)) is null)
            {
                parent.DeleteDirectory(path);
                return true;
            }
            using var held = folder.Lock(Path.Combine(path, LockName));
            RemoveLocked(folder, parent);
            return true;
        }
        catch (WalException)
        {
            // The folder is in use, or is not as a node leaves one.
            return false;
        }
    }

    // The lock file is removed last, so that the next start finds a folder that was removed in part.
    private static void RemoveLocked(IWalDirectory folder, IWalDirectory parent)
    {
        FolderRemoval.RemoveContents(folder, LockName);
        folder.Delete(Path.Combine(folder.Path, LockName));
        parent.DeleteDirectory(folder.Path);
    }
}
