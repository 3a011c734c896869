namespace AkkaWal.Storage.IO;

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
