using AkkaWal.Storage;
using AkkaWal.Storage.IO;

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
    private string? _private;
    private IDisposable? _lock;

    /// <summary>The folder of a node's log. Makes the private folder where none was given.</summary>
    /// <exception cref="WalException">There is no place for it.</exception>
    public string DirectoryOf(string nodeId)
    {
        lock (_gate) return Path.Combine(given ?? (_private ??= MakePrivate()), nodeId);
    }

    /// <summary>Removes the private folder and all that is in it; leaves a given one alone. To be called when the log is closed.</summary>
    /// <exception cref="WalException">Not all of it could be removed.</exception>
    public void Remove()
    {
        lock (_gate)
        {
            if (_private is null) return;
            RemoveLocked(_private, _lock!);
            _private = null;
        }
    }

    /// <summary>Removes what killed processes left behind. What can't be removed now is left to the next start.</summary>
    public void Sweep()
    {
        if (given is not null) return;
        int sweptCount = 0;
        foreach (var entry in ListTemporary())
        {
            if (entry.Kind != WalEntryKind.Directory || !entry.Name.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            if (SweepOne(Path.Combine(temporary, entry.Name)) && ++sweptCount == MaxSwept) break;
        }
    }

    private string MakePrivate()
    {
        for (int attempt = 1; ; attempt++)
        {
            string directory = Path.Combine(temporary, Prefix + Guid.NewGuid().ToString("N"));
            files.CreateDirectory(directory);
            try
            {
                _lock = files.Lock(Path.Combine(directory, LockName));
                note($"no data directory was given: the log is in {directory} until this process ends");
                return directory;
            }
            catch (WalException) when (attempt < MaxAttempts)
            {
                // Another process swept the folder before it was locked.
            }
        }
    }

    private bool SweepOne(string directory)
    {
        try
        {
            // Looked at first: to lock is to create, and a folder without a lock may be about to get one. It is removed
            // only where it is empty, and whoever was about to lock it makes another one.
            if (files.Stat(Path.Combine(directory, LockName)) is null) files.DeleteDirectory(directory);
            else RemoveLocked(directory, files.Lock(Path.Combine(directory, LockName)));
            return true;
        }
        catch (WalException)
        {
            // In use, or somebody else's.
            return false;
        }
    }

    // The lock goes last, so that what is left behind half removed is found again.
    private void RemoveLocked(string directory, IDisposable held)
    {
        using (held)
        {
            RemoveContents(directory, LockName);
            files.Delete(Path.Combine(directory, LockName));
            files.DeleteDirectory(directory);
        }
    }

    private void RemoveContents(string directory, string? but)
    {
        foreach (var entry in files.List(directory))
        {
            if (entry.Name == but) continue;
            string path = Path.Combine(directory, entry.Name);
            if (entry.Kind != WalEntryKind.Directory)
            {
                files.Delete(path);
                continue;
            }

            RemoveContents(path, null);
            files.DeleteDirectory(path);
        }
    }

    private IReadOnlyList<WalDirectoryEntry> ListTemporary()
    {
        try
        {
            return files.List(temporary);
        }
        catch (WalException)
        {
            return [];
        }
    }
}
