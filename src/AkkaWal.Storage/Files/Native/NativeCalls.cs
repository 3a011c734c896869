using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Native;

/// <summary>
/// What the runtime's own file API lacks or gets wrong for a log, on one platform: a sync that reports its failure,
/// identities of files, names that are changed in one step, and locks. From any thread. Failures are thrown as
/// <see cref="WalIOException"/>.
/// </summary>
internal abstract class NativeCalls
{
    /// <summary>The calls of this platform.</summary>
    internal static NativeCalls Current { get; } = OperatingSystem.IsWindows() ? new WindowsCalls() : new UnixCalls();

    /// <summary>What the portable file system can't promise here, as text for people.</summary>
    internal abstract string Weaknesses { get; }

    /// <summary>
    /// Whether an open lock file can't be deleted, and its directory not renamed, not even by its owner.
    /// </summary>
    internal abstract bool IsLockFileBound { get; }

    /// <summary>The cause of an error number of the platform, as exceptions of the runtime carry it.</summary>
    internal abstract WalIOCause CauseOf(int number);

    /// <summary>Opens an existing file, for reading or for both.</summary>
    internal abstract SafeFileHandle Open(string path, bool isWritten);

    /// <summary>Creates a file for its owner alone, as far as the platform can. An existing name is an error.</summary>
    internal abstract SafeFileHandle CreateNew(string path);

    /// <summary>Opens a directory, so that its identity is not given to another one.</summary>
    internal abstract SafeFileHandle OpenDirectory(string path);

    /// <summary>Creates one directory for its owner alone, as far as the platform can. It may exist.</summary>
    internal abstract void CreateDirectory(string path);

    /// <summary>What a path stands for; null where there is nothing.</summary>
    internal abstract FileFacts? TryFactsOf(string path, bool followsLinks);

    /// <summary>What an open file or directory is.</summary>
    internal abstract FileFacts FactsOf(SafeFileHandle opened, string path);

    /// <summary>Renames within a file system, over an existing file. Never copies.</summary>
    internal abstract void Rename(string path, string newPath);

    /// <summary>Removes a file's name. Open handles can still read the file.</summary>
    internal abstract void Delete(string path);

    /// <summary>Removes an empty directory.</summary>
    internal abstract void DeleteDirectory(string path);

    /// <summary>Removes the write permission of a file.</summary>
    internal abstract void MakeReadOnly(string path);

    /// <summary>Returns when a file's bytes and its length are on the disk, by the platform's own report.</summary>
    internal abstract void Sync(SafeFileHandle file, string path);

    /// <summary>Syncs the names in a directory, where the platform can do that.</summary>
    internal abstract void SyncDirectory(string path);

    /// <summary>Opens a lock file, creates it where it is missing, and locks it; null where another owner has
    /// it.</summary>
    internal abstract SafeFileHandle? TryLockFile(string path);

    /// <summary>
    /// Locks an open directory itself. False where another owner has it, null where that is not supported.
    /// </summary>
    internal abstract bool? TryLockDirectory(SafeFileHandle directory, string path);

    /// <summary>Whether an owner has locked a lock file. False where there is none.</summary>
    internal abstract bool IsFileLocked(string path);

    /// <summary>Whether an owner has locked a directory itself.</summary>
    internal abstract bool IsDirectoryLocked(string path);

    /// <summary>Unlocks what was locked. Closing it is not enough: a child process may hold a copy of it.</summary>
    internal abstract void Unlock(SafeFileHandle locked);
}
