namespace AkkaWal.Storage.Files;

/// <summary>
/// The hold of a directory by one owner, until it is disposed or the process ends. From any thread.
/// </summary>
public interface IWalLock : IDisposable
{
    /// <summary>
    /// Whether the directory itself is locked as well as the lock file. Some file systems can't lock directories. Then
    /// a second owner can get a lock after the lock file was removed, and only <see cref="WhyLost"/> reports that.
    /// </summary>
    bool HoldsDirectory { get; }

    /// <summary>
    /// Why the hold is lost: the path no longer stands for the locked directory, or the lock file in it is another
    /// file. Null while it is not lost. Costs two system calls and no access to the disk.
    /// </summary>
    /// <exception cref="WalIOException">The platform can't tell.</exception>
    string? WhyLost();
}
