namespace AkkaWal.Storage.Files;

/// <summary>
/// An open directory, and the file system below it. Every path is resolved from the open directory, name by name and
/// without following links, so that it does not matter what the directory's own path stands for now. Paths are absolute
/// and start with <see cref="Path"/>; any other path is refused.
/// </summary>
/// <remarks>
/// Members may be called from any thread. Disposing it closes the directory; files that were opened through it stay
/// open.
/// </remarks>
public interface IWalDirectory : IWalFileSystem, IDisposable
{
    /// <summary>The path that it was opened by.</summary>
    string Path { get; }

    /// <summary>
    /// Returns when the directory's own name and those of the directories above it are on the disk: they may have been
    /// created a moment ago, and never synced. It goes up to the mount point of its file system, or to the first
    /// directory that this process may not open.
    /// </summary>
    /// <exception cref="WalIOException">A sync failed, or descriptors or memory were lacking.</exception>
    void SyncNames();

    /// <summary>
    /// The identity of the directory. It stays the same when the directory is renamed; a copy has another one.
    /// </summary>
    WalDirectoryIdentity Identity { get; }

    /// <summary>Whether it belongs to this process's user, and no other user has any right to it (0700).</summary>
    bool IsPrivate { get; }

    /// <summary>
    /// Whether a file system, or another part of this one, is mounted on it. False where that can't be told.
    /// </summary>
    bool IsMountPoint { get; }
}

/// <summary>
/// Distinguishes a directory from its copies. It contains no device number, because that changes when the file system
/// is mounted again.
/// </summary>
/// <param name="Inode">Its number in its file system. It can be used again after the directory was removed.</param>
/// <param name="BornAtNanoseconds">
/// When it was created, in nanoseconds since 1970; 0 where the file system does not tell.
/// </param>
public readonly record struct WalDirectoryIdentity(ulong Inode, long BornAtNanoseconds);
