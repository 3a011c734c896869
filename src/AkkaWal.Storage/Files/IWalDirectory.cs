namespace AkkaWal.Storage.Files;

/// <summary>
/// An open directory, and the file system as far as it lies below it: every path is resolved from the directory that
/// was opened, one name after the other and through no link, whatever its own path stands for by now. Paths stay
/// absolute and start with <see cref="Path"/>; any other is refused.
/// </summary>
/// <remarks>Members may be called from any thread; disposing it closes the directory, and files opened through it stay
/// open.</remarks>
public interface IWalDirectory : IWalFileSystem, IDisposable
{
    /// <summary>The path that it was opened by.</summary>
    string Path { get; }

    /// <summary>
    /// Returns when the directory's own name is on the disk, and those of the directories above it: somebody may have made them just now,
    /// or failed to sync them. As far up as its file system goes, and as this process may look.
    /// </summary>
    /// <exception cref="WalIOException">A sync failed, or something was lacking.</exception>
    void SyncNames();

    /// <summary>
    /// Which directory it is: a copy of it has another identity, and it keeps its own when it is renamed.
    /// </summary>
    WalDirectoryIdentity Identity { get; }

    /// <summary>Whether it belongs to the user of this process, and nobody else has any right to it (0700).</summary>
    bool IsPrivate { get; }

    /// <summary>
    /// Whether something is mounted on it: another file system, or a part of this one. False where that can't be told.
    /// </summary>
    bool IsMountPoint { get; }
}
