using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.Node.Data;

/// <summary>
/// Where the node keeps its log: below the folder it was given, or in a private one that lives as long as the process.
/// </summary>
/// <remarks>
/// <code>
/// DIR/NODE_ID/                        the log, with a LOCK of its own
/// TMP/akkawal-RANDOM/LOCK             held as long as the process lives: a free one marks what a killed process left behind
/// TMP/akkawal-RANDOM/NODE_ID/         the log
/// </code>
/// </remarks>
internal sealed class DataHome(IWalFileSystem files, string? given, string temporary, Action<string> note)
{
    private const string Prefix = "akkawal-";
    private const string LockName = "LOCK";
    private const int MaxAttempts = 16;
    private const int MaxSwept = 64;

    private readonly Lock _gate = new();
    private IWalDirectory? _private;
    private IWalLock? _lock;

    /// <summary>The folder of a node's log. Makes the private folder where none was given.</summary>
    /// <exception cref="WalException">There is no place for it.</exception>
    public string DirectoryOf(string nodeId)
    {
        lock (_gate) return Path.Combine(given ?? (_private ??= MakePrivate()).Path, nodeId);
    }

    /// <summary>
    /// Removes the private folder and all that is in it; leaves a given one alone. To be called when the log is closed.
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
    /// Removes what killed processes of this user left behind. What can't be removed now is left to the next start.
    /// Names in the temporary folder are everybody's: nothing is looked for by a path twice, and no link is followed.
    /// </summary>
    public void Sweep()
    {
        if (given is not null) return;
        try
        {
            using var parent = files.OpenDirectory(temporary);
            int sweptCount = 0;
            foreach (var entry in parent.List(temporary))
            {
                if (entry.Kind != WalEntryKind.Directory) continue;
                if (!entry.Name.StartsWith(Prefix, StringComparison.Ordinal)) continue;
                if (SweepOne(parent, Path.Combine(temporary, entry.Name)) && ++sweptCount == MaxSwept) break;
            }
        }
        catch (WalException)
        {
            // Nothing that could be swept.
        }
    }

    private IWalDirectory MakePrivate()
    {
        for (int attempt = 1; ; attempt++)
        {
            string path = Path.Combine(temporary, Prefix + Guid.NewGuid().ToString("N"));
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
            // Looked at first: to lock is to create, and a folder without a lock may be about to get one. It is removed
            // only where it is empty, and whoever was about to lock it makes another one.
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
            // In use, or not as a node leaves it.
            return false;
        }
    }

    // The lock file goes last, so that what is left behind half removed is found again.
    private static void RemoveLocked(IWalDirectory folder, IWalDirectory parent)
    {
        FolderRemoval.RemoveContents(folder, LockName);
        folder.Delete(Path.Combine(folder.Path, LockName));
        parent.DeleteDirectory(folder.Path);
    }
}
