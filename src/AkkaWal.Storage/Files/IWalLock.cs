namespace AkkaWal.Storage.Files;

/// <summary>
/// A directory that is held for this owner alone, until it is disposed of or the process dies. Any thread may ask it.
/// </summary>
public interface IWalLock : IDisposable
{
    /// <summary>
    /// Whether the directory itself is held as well as the lock file. Where it is not, since the file system locks no
    /// directories, somebody who removes the lock file lets a second owner in, and only <see cref="WhyLost"/> tells.
    /// </summary>
    bool HoldsDirectory { get; }

    /// <summary>
    /// Why it is this owner's no more: the path does not name the directory that is held, or the lock file in it is not
    /// the one that is. Null while all is well. Costs two questions to the platform and no access to the disk.
    /// </summary>
    /// <exception cref="WalIOException">The platform can't tell.</exception>
    string? WhyLost();
}
