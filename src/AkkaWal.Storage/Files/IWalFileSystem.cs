namespace AkkaWal.Storage.Files;

/// <summary>
/// The seam below the format: every byte, name and sync of a log goes through here, so that tests can put a
/// simulated disk in its place.
/// </summary>
/// <remarks>
/// All paths are absolute. Every failure of the platform is a <see cref="WalIOException"/>, which says whether space ran out.
/// Members may be called from any thread. What is created, renamed or deleted is durable only after
/// <see cref="SyncDirectory"/> of the directory that holds the name.
/// </remarks>
public interface IWalFileSystem
{
    /// <summary>Opens or creates a file, readable and writable by its owner alone when created.</summary>
    /// <exception cref="WalIOException">It does not exist (or does, for <see cref="FileAccessMode.CreateNew"/>), is a
    /// symbolic link or no plain file, has a second name (a hard link) and is to be written, or the platform
    /// refuses.</exception>
    IWalFile Open(string path, FileAccessMode mode);

    /// <summary>What stands at a path, itself and not what a link points to; null where nothing does.</summary>
    WalDirectoryEntry? Stat(string path);

    /// <summary>What a directory holds, in no order, without opening or asking for any of it: lengths may be missing.</summary>
    IReadOnlyList<WalDirectoryEntry> List(string directory);

    /// <summary>Creates a directory and its missing parents, for its owner alone (0700). Syncs the parents it
    /// changed, where their file system does that.</summary>
    void CreateDirectory(string path);

    /// <summary>
    /// Renames a file within its file system, over an existing file of that name where there is one; or a directory,
    /// over an empty one. Atomic.
    /// </summary>
    void Rename(string path, string newPath);

    /// <summary>Removes a file's name; open handles go on reading it.</summary>
    void Delete(string path);

    /// <summary>Removes an empty directory.</summary>
    void DeleteDirectory(string path);

    /// <summary>Takes the write permission from a file (0400).</summary>
    void MakeReadOnly(string path);

    /// <summary>Returns when the names in a directory are on the disk.</summary>
    void SyncDirectory(string path);

    /// <summary>
    /// Takes the lock file of a directory, and the directory with it, which at most one process (and within it one
    /// caller) can hold: whoever removes or replaces the file lets nobody else in. Disposing lets go of both. They also
    /// go when the process dies.
    /// </summary>
    /// <param name="path">The lock file's, which is made where it is missing.</param>
    /// <exception cref="WalLockedException">Somebody else holds one of the two.</exception>
    /// <exception cref="WalIOException">The platform refuses, or the lock file has a second name (a hard
    /// link).</exception>
    IWalLock Lock(string path);

    /// <summary>
    /// Whether somebody holds a lock file, or the directory that it is in, now. Makes nothing, and keeps nobody from
    /// taking it; false where there is neither.
    /// </summary>
    bool IsLocked(string path);

    /// <summary>
    /// Opens an existing directory: what is done through it is done in that directory, whatever becomes of its path.
    /// </summary>
    /// <exception cref="WalIOException">It does not exist, is no directory, or the platform refuses.</exception>
    IWalDirectory OpenDirectory(string path);
}
