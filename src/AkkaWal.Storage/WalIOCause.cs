namespace AkkaWal.Storage;

/// <summary>Why the platform failed an operation, as far as that makes a difference: FORMAT.md has the table.</summary>
public enum WalIOCause
{
    /// <summary>Anything else: the device failed, a name is missing or taken, a handle is of another kind.</summary>
    Other,

    /// <summary>The disk or the quota is full (ENOSPC, EDQUOT), or the file may not grow (EFBIG). It may pass.</summary>
    NoRoom,

    /// <summary>The process or the machine has as many files open as it may (EMFILE, ENFILE). It may pass.</summary>
    NoDescriptors,

    /// <summary>The kernel has no memory for it (ENOMEM, ENOBUFS). It may pass.</summary>
    NoMemory,

    /// <summary>The platform does not let this process do it (EACCES, EPERM).</summary>
    NotPermitted,

    /// <summary>The file system is mounted read-only (EROFS).</summary>
    ReadOnlyFileSystem,

    /// <summary>The file system has no such operation (EINVAL, EOPNOTSUPP, ENOSYS, ENOLCK).</summary>
    NotSupported,

    /// <summary>
    /// It was not tried: the log's directory is its owner's no more, since it was moved or replaced, or its lock file
    /// was.
    /// </summary>
    NotOwned,
}
