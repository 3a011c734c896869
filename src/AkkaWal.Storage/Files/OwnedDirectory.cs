namespace AkkaWal.Storage.Files;

/// <summary>
/// A log's directory in the hands of the one who may write it. Whatever would change a name in it, or open a file in it
/// to be written, asks first whether it is still this owner's; whoever writes to a file that is open asks himself, with
/// <see cref="ThrowIfLost"/>. Once it is lost it stays lost: it can still be read.
/// </summary>
internal sealed class OwnedDirectory : IWalDirectory
{
    // A directory can be removed or replaced between the moment it is opened and the moment it is held.
    private const int MaxAttempts = 16;

    private readonly IWalDirectory _files;
    private readonly IWalLock _lock;
    private volatile string? _lost;

    private OwnedDirectory(IWalDirectory files, IWalLock held) => (_files, _lock) = (files, held);

    public string Path => _files.Path;

    public WalDirectoryIdentity Identity => _files.Identity;

    public bool IsPrivate => _files.IsPrivate;

    public bool IsMountPoint => _files.IsMountPoint;

    /// <summary>Whether the directory is held too, and not its lock file alone.</summary>
    internal bool HoldsDirectory => _lock.HoldsDirectory;

    /// <summary>Opens a log's directory and holds it.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="directory">An absolute path.</param>
    /// <param name="lockName">The name of the file in it that is locked.</param>
    /// <param name="isToBeMade">Whether to make it where it is missing.</param>
    /// <exception cref="WalLockedException">Somebody else holds it.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static OwnedDirectory Take(
        IWalFileSystem files, string directory, string lockName, bool isToBeMade = false)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (isToBeMade) files.CreateDirectory(directory);
            var opened = files.OpenDirectory(directory);
            IWalLock? held = null;
            try
            {
                held = opened.Lock(System.IO.Path.Combine(directory, lockName));
                var why = held.WhyLost();
                if (why is null) return new OwnedDirectory(opened, held);
                if (attempt == MaxAttempts) throw new WalIOException("lock", directory, false, why);
            }
            catch
            {
                held?.Dispose();
                opened.Dispose();
                throw;
            }
            held.Dispose();
            opened.Dispose();
        }
    }

    /// <summary>To be asked before anything is written and before anything is acknowledged.</summary>
    /// <exception cref="WalIOException">It is this owner's no more (<see cref="WalIOException.IsNotOwned"/>), or that
    /// can't be told.</exception>
    internal void ThrowIfLost()
    {
        if (_lost is null && _lock.WhyLost() is { } why) _lost = why;
        if (_lost is not { } lost) return;
        throw new WalIOException("write to", Path, WalIOCause.NotOwned, lost);
    }

    public IWalFile Open(string path, FileAccessMode mode)
    {
        if (mode is not (FileAccessMode.Read or FileAccessMode.ReadMapped)) ThrowIfLost();
        return _files.Open(path, mode);
    }

    public WalDirectoryEntry? Stat(string path) => _files.Stat(path);

    public IReadOnlyList<WalDirectoryEntry> List(string directory) => _files.List(directory);

    public void CreateDirectory(string path)
    {
        ThrowIfLost();
        _files.CreateDirectory(path);
    }

    public void Rename(string path, string newPath)
    {
        ThrowIfLost();
        _files.Rename(path, newPath);
    }

    public void Delete(string path)
    {
        ThrowIfLost();
        _files.Delete(path);
    }

    public void DeleteDirectory(string path)
    {
        ThrowIfLost();
        _files.DeleteDirectory(path);
    }

    public void MakeReadOnly(string path)
    {
        ThrowIfLost();
        _files.MakeReadOnly(path);
    }

    public void SyncNames() => _files.SyncNames();

    public void SyncDirectory(string path) => _files.SyncDirectory(path);

    public IWalLock Lock(string path)
    {
        ThrowIfLost();
        return _files.Lock(path);
    }

    public bool IsLocked(string path) => _files.IsLocked(path);

    public IWalDirectory OpenDirectory(string path) => _files.OpenDirectory(path);

    /// <summary>Lets go of the directory.</summary>
    public void Dispose()
    {
        _lock.Dispose();
        _files.Dispose();
    }
}
