using AkkaWal.Storage;

namespace AkkaWal.TestKit;

/// <summary>The operations that change a disk. A fault or a power cut can be placed at each of them.</summary>
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

    /// <summary>A file's name is removed.</summary>
    Delete,

    /// <summary>A directory is created.</summary>
    CreateDirectory,

    /// <summary>An empty directory is removed.</summary>
    DeleteDirectory,

    /// <summary>A file is made read-only.</summary>
    MakeReadOnly,

    /// <summary>The names in a directory are synced.</summary>
    SyncDirectory,

    /// <summary>The lock of a directory is taken.</summary>
    Lock,

    /// <summary>A file gets a second name.</summary>
    Link,
}

/// <summary>One operation that changes the disk.</summary>
/// <param name="Number">Its number among the operations of this disk, from 1.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Path">The file or directory.</param>
/// <param name="Position">The position of a write, or the new length; 0 for any other.</param>
/// <param name="LengthBytes">The number of bytes of a write; 0 for any other.</param>
public readonly record struct DiskOperation(
    long Number, DiskOperationKind Kind, string Path, long Position = 0, int LengthBytes = 0)
{
    /// <summary>The file's name without its directory.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The word for the operation in errors, as in the platform's own file system.</summary>
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

    /// <summary>The number, kind and path, and for a write its range of bytes.</summary>
    public override string ToString() => Kind switch
    {
        DiskOperationKind.Write => $"#{Number} Write {Path} [{Position}, {Position + LengthBytes})",
        DiskOperationKind.SetLength => $"#{Number} SetLength {Path} {Position}",
        _ => $"#{Number} {Kind} {Path}",
    };
}

/// <summary>How an operation fails.</summary>
/// <param name="Reason">The platform's error text.</param>
/// <param name="Cause">The cause that the log reports.</param>
/// <param name="Applied">
/// The part of the operation that is carried out, 0 to 1. For a write: its first bytes. For a file's sync: the first
/// unsynced changes; the rest never reach the disk, although the cache shows them. For a directory's sync: the first
/// names; the rest stay unsynced. Any other operation is carried out only at 1.
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

    /// <summary>The process lacks the permission: EPERM.</summary>
    public static readonly DiskFault NotPermitted = new("Operation not permitted", WalIOCause.NotPermitted);

    /// <summary>The file system is mounted read-only: EROFS.</summary>
    public static readonly DiskFault ReadOnlyFileSystem = new("Read-only file system", WalIOCause.ReadOnlyFileSystem);

    /// <summary>The file system has no such operation: EINVAL.</summary>
    public static readonly DiskFault NotSupported = new("Invalid argument", WalIOCause.NotSupported);

    /// <summary>The same fault after a part of the operation was carried out; see <see cref="Applied"/>.</summary>
    /// <param name="applied">0 to 1.</param>
    public DiskFault After(double applied) => this with { Applied = applied };
}
