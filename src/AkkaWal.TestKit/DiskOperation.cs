using AkkaWal.Storage;

namespace AkkaWal.TestKit;

/// <summary>What changes a disk, and so what a fault or a cut can come at.</summary>
public enum DiskOperationKind
{
    /// <summary>A file is created.</summary>
    Create,

    /// <summary>An existing file is opened and emptied.</summary>
    Truncate,

    /// <summary>Bytes are written to a file.</summary>
    Write,

    /// <summary>A file is cut or extended with zeros.</summary>
    SetLength,

    /// <summary>A file's bytes and length are synced.</summary>
    Sync,

    /// <summary>A file or a directory gets another name.</summary>
    Rename,

    /// <summary>A name of a file goes.</summary>
    Delete,

    /// <summary>A directory is created.</summary>
    CreateDirectory,

    /// <summary>An empty directory is removed.</summary>
    DeleteDirectory,

    /// <summary>The write permission is taken from a file.</summary>
    MakeReadOnly,

    /// <summary>The names in a directory are synced.</summary>
    SyncDirectory,

    /// <summary>The lock of a directory is taken.</summary>
    Lock,

    /// <summary>A file gets a second name.</summary>
    Link,
}

/// <summary>One operation that changes the disk.</summary>
/// <param name="Number">Its place among the operations of this disk since it was made, from 1.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Path">To which file or directory.</param>
/// <param name="Position">Where a write starts, or the new length; 0 for any other.</param>
/// <param name="LengthBytes">How much a write writes; 0 for any other.</param>
public readonly record struct DiskOperation(
    long Number, DiskOperationKind Kind, string Path, long Position = 0, int LengthBytes = 0)
{
    /// <summary>The file's name without its directory.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The word for it in an error, as the platform's own file system has it.</summary>
    public string Word => Kind switch
    {
        DiskOperationKind.Create or DiskOperationKind.Truncate => "open",
        DiskOperationKind.Write => "write",
        DiskOperationKind.SetLength => "set length of",
        DiskOperationKind.Sync => "sync",
        DiskOperationKind.Rename => "rename",
        DiskOperationKind.Delete => "delete",
        DiskOperationKind.CreateDirectory => "create directory",
        DiskOperationKind.DeleteDirectory => "delete directory",
        DiskOperationKind.MakeReadOnly => "make read-only",
        DiskOperationKind.SyncDirectory => "sync directory",
        DiskOperationKind.Link => "link",
        _ => "lock",
    };

    /// <summary>Number, kind and path, and of a write the range of bytes.</summary>
    public override string ToString() => Kind switch
    {
        DiskOperationKind.Write => $"#{Number} Write {Path} [{Position}, {Position + LengthBytes})",
        DiskOperationKind.SetLength => $"#{Number} SetLength {Path} {Position}",
        _ => $"#{Number} {Kind} {Path}",
    };
}

/// <summary>How an operation fails.</summary>
/// <param name="Reason">The platform's word for it.</param>
/// <param name="Cause">What the log makes of it.</param>
/// <param name="Applied">
/// How much of it is carried out all the same, 0 to 1: of a write its first bytes; of a file's sync the first of the
/// unsynced changes, and the rest are lost behind the cache's back; of a directory's sync the first of the names, and
/// the rest stay unsynced (its journal has them); anything else happens at 1 and not below.
/// </param>
public sealed record DiskFault(string Reason, WalIOCause Cause = WalIOCause.Other, double Applied = 0)
{
    /// <summary>The disk cannot read or write: EIO.</summary>
    public static readonly DiskFault Error = new("Input/output error");

    /// <summary>The disk is full: ENOSPC.</summary>
    public static readonly DiskFault NoSpace = new("No space left on device", WalIOCause.NoRoom);

    /// <summary>The process has no file descriptor left: EMFILE.</summary>
    public static readonly DiskFault NoDescriptors = new("Too many open files", WalIOCause.NoDescriptors);

    /// <summary>The operating system has no memory: ENOMEM.</summary>
    public static readonly DiskFault NoMemory = new("Cannot allocate memory", WalIOCause.NoMemory);

    /// <summary>The process may not: EPERM.</summary>
    public static readonly DiskFault NotPermitted = new("Operation not permitted", WalIOCause.NotPermitted);

    /// <summary>The file system is mounted read-only: EROFS.</summary>
    public static readonly DiskFault ReadOnlyFileSystem = new("Read-only file system", WalIOCause.ReadOnlyFileSystem);

    /// <summary>The file system has no such operation: EINVAL.</summary>
    public static readonly DiskFault NotSupported = new("Invalid argument", WalIOCause.NotSupported);

    /// <summary>The same fault after a part of the operation was carried out; see <see cref="Applied"/>.</summary>
    /// <param name="applied">0 to 1.</param>
    public DiskFault After(double applied) => this with { Applied = applied };
}
