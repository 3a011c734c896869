namespace AkkaWal.Storage.Files.Wrappers;

/// <summary>
/// A log's directory, locked by the owner that may write it. Before it changes a name or opens a file for writing, it
/// checks that the hold is not lost. A caller that writes to an open file must check that itself, with
/// <see cref="ThrowIfLost"/>. Once lost, it stays lost, and can still be read.
/// </summary>
internal sealed class OwnedDirectory : IWalDirectory
{
    // The directory can be removed or replaced between its opening and its locking. Then it is opened again.
    private const int MaxAttempts = 16;

    private readonly IWalDirectory _files;
    private readonly IWalLock _lock;

    // The directory that is locked; null where it is this one.
    private readonly OwnedDirectory? _held;

    private IWalDirectory? _claims;
    private string? _nextClaim;
    private volatile string? _lost;
    private volatile bool _isTakenOver;

    private OwnedDirectory(IWalDirectory files, IWalLock held, OwnedDirectory? above = null) =>
        (_files, _lock, _held) = (files, held, above);

    public string Path => _files.Path;

    public WalDirectoryIdentity Identity => _files.Identity;

    public bool IsPrivate => _files.IsPrivate;

    public bool IsMountPoint => _files.IsMountPoint;

    /// <summary>Whether the directory itself is locked, and not only its lock file.</summary>
    internal bool HoldsDirectory => _lock.HoldsDirectory;

    /// <summary>Opens a log's directory and locks it.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="directory">An absolute path.</param>
    /// <param name="lockName">The name of the lock file in it.</param>
    /// <param name="isToBeMade">Whether to create the directory where it is missing.</param>
    /// <exception cref="WalLockedException">Another owner has locked it.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static OwnedDirectory Acquire(
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

    /// <summary>
    /// Whether the hold was found to be lost to another owner, who has raised the log's epoch since.
    /// </summary>
    internal bool IsTakenOver => _held?.IsTakenOver ?? _isTakenOver;

    /// <summary>From now on the hold is lost as soon as somebody claims the next epoch.</summary>
    /// <param name="claims">The folder of the claims. It is closed with this directory.</param>
    /// <param name="nextClaim">The path of the next epoch's claim.</param>
    internal void LoseTo(IWalDirectory claims, string nextClaim)
    {
        _claims?.Dispose();
        (_claims, _nextClaim) = (claims, nextClaim);
    }

    /// <summary>A directory below this one, under the same hold. Disposing it releases the hold.</summary>
    /// <exception cref="WalIOException">It can't be opened.</exception>
    internal OwnedDirectory Enter(string path) => new(_files.OpenDirectory(path), _lock, this);

    /// <summary>Checks the hold: before each write to an open file and before each acknowledgement.</summary>
    /// <exception cref="WalIOException">The hold is lost (<see cref="WalIOException.IsNotOwned"/>), or that can't be
    /// told.</exception>
    internal void ThrowIfLost()
    {
        if (_held is { } held)
        {
            held.ThrowIfLost();
            return;
        }
        if (_lost is null && WhyLost() is { } why) _lost = why;
        if (_lost is not { } lost) return;
        throw new WalIOException("write to", Path, WalIOCause.NotOwned, lost);
    }

    private string? WhyLost()
    {
        if (_lock.WhyLost() is { } why) return why;
        if (_nextClaim is not { } claim || _claims!.Stat(claim) is null) return null;
        _isTakenOver = true;
        return $"another owner has taken the log over ({claim})";
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

    public void Link(string path, string newPath)
    {
        ThrowIfLost();
        _files.Link(path, newPath);
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

    /// <summary>Closes a directory that was entered, and keeps the hold.</summary>
    internal void CloseAlone() => _files.Dispose();

    /// <summary>Releases the lock and closes the directory.</summary>
    public void Dispose()
    {
        if (_held is { } held) held.Dispose();
        else
        {
            _lock.Dispose();
            _claims?.Dispose();
        }
        _files.Dispose();
    }
}
