namespace AkkaWal.Storage.Files;

/// <summary>
/// The file system. Every byte, name and sync of a log goes through this interface, so that tests can simulate a disk.
/// </summary>
/// <remarks>
/// All paths are absolute. Every failure of the platform is a <see cref="WalIOException"/> with its cause. Members may
/// be called from any thread. A created, renamed or deleted name is durable only after <see cref="SyncDirectory"/> of
/// its directory.
/// </remarks>
public interface IWalFileSystem
{
    /// <summary>Opens or creates a file. A created one can be read and written by its owner alone.</summary>
    /// <exception cref="WalIOException">
    /// The file does not exist (or does, for <see cref="FileAccessMode.CreateNew"/>), is a symbolic link or no plain
    /// file, has a second name (a hard link) and is to be written, or the platform refuses.
    /// </exception>
    IWalFile Open(string path, FileAccessMode mode);

    /// <summary>The entry at a path, which may be a link itself; null where there is none.</summary>
    WalDirectoryEntry? Stat(string path);

    /// <summary>
    /// The entries of a directory, in no order. None of them is opened or looked at, so their lengths may be missing.
    /// </summary>
    IReadOnlyList<WalDirectoryEntry> List(string directory);

    /// <summary>
    /// Creates a directory and its missing parents, for its owner alone (0700). Syncs the parents that it changes,
    /// where their file system supports that.
    /// </summary>
    void CreateDirectory(string path);

    /// <summary>
    /// Renames a file within its file system, over an existing file of the new name; or a directory, over an empty one.
    /// Atomic.
    /// </summary>
    void Rename(string path, string newPath);

    /// <summary>
    /// Gives a file a second name (a hard link), perhaps in another directory of its file system. The new name must be
    /// free.
    /// </summary>
    /// <exception cref="WalIOException">
    /// The new name is taken, or the platform refuses: <see cref="WalIOCause.NotSupported"/> or
    /// <see cref="WalIOCause.NotPermitted"/> where the file system has no hard links.
    /// </exception>
    void Link(string path, string newPath);

    /// <summary>Removes a file's name. Open handles can still read the file.</summary>
    void Delete(string path);

    /// <summary>Removes an empty directory.</summary>
    void DeleteDirectory(string path);

    /// <summary>Removes the write permission of a file (0400).</summary>
    void MakeReadOnly(string path);

    /// <summary>Returns when the names in a directory are on the disk.</summary>
    void SyncDirectory(string path);

    /// <summary>
    /// Locks a directory and the lock file in it, for one owner in one process. Both are locked, so that removing or
    /// replacing the file lets no second owner in. Disposing releases both, and so does the end of the process.
    /// </summary>
    /// <param name="path">The path of the lock file. It is created where it is missing.</param>
    /// <exception cref="WalLockedException">Another owner has locked one of the two.</exception>
    /// <exception cref="WalIOException">
    /// The platform refuses, or the lock file has a second name (a hard link).
    /// </exception>
    IWalLock Lock(string path);

    /// <summary>
    /// Whether an owner has locked a lock file or its directory now. Creates nothing, and keeps no owner from locking.
    /// False where neither exists.
    /// </summary>
    bool IsLocked(string path);

    /// <summary>
    /// Opens an existing directory. Operations through it stay in that directory, whatever happens to its path.
    /// </summary>
    /// <exception cref="WalIOException">
    /// The directory does not exist, is no directory, or the platform refuses.
    /// </exception>
    IWalDirectory OpenDirectory(string path);
}

/// <summary>How <see cref="IWalFileSystem.Open"/> opens a file.</summary>
public enum FileAccessMode
{
    /// <summary>An existing file, for reading.</summary>
    Read,

    /// <summary>
    /// An existing file, for reading and writing. Refused where it has a second name (a hard link), which would change
    /// too.
    /// </summary>
    ReadWrite,

    /// <summary>A new file, for reading and writing. An existing name is an error.</summary>
    CreateNew,

    /// <summary>An empty file, for reading and writing. Replaces an existing file: for temporary files only.</summary>
    CreateOrTruncate,

    /// <summary>
    /// An existing file that does not change any more, for reading through a mapping into memory. As <see cref="Read"/>
    /// where mapping is not supported or there is no room for a mapping. A disk error, or a process that cuts the file
    /// short, then ends this process.
    /// </summary>
    ReadMapped,
}
