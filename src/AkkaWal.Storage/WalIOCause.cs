namespace AkkaWal.Storage;

/// <summary>Why the platform failed an operation, as far as the log acts on it: FORMAT.md has the table.</summary>
public enum WalIOCause
{
    /// <summary>Any other cause: the device failed, a name is missing or taken, a handle is of another kind.</summary>
    Other,

    /// <summary>
    /// The disk or the quota is full (ENOSPC, EDQUOT), or the file may not grow (EFBIG). A later try can succeed.
    /// </summary>
    NoRoom,

    /// <summary>The process or the machine has too many files open (EMFILE, ENFILE). A later try can succeed.</summary>
    NoDescriptors,

    /// <summary>The kernel lacks memory (ENOMEM, ENOBUFS). A later try can succeed.</summary>
    NoMemory,

    /// <summary>The process lacks the permission (EACCES, EPERM).</summary>
    NotPermitted,

    /// <summary>The file system is mounted read-only (EROFS).</summary>
    ReadOnlyFileSystem,

    /// <summary>The file system does not support the operation (EINVAL, EOPNOTSUPP, ENOSYS, ENOLCK).</summary>
    NotSupported,

    /// <summary>
    /// The operation was not tried, because the log no longer owns its directory: the directory or its lock file was
    /// moved or replaced.
    /// </summary>
    NotOwned,
}
