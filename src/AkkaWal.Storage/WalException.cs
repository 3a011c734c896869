namespace AkkaWal.Storage;

/// <summary>
/// The base of the log's errors. The types below it tell whether an operation did not happen or its outcome is unknown.
/// </summary>
public abstract class WalException : Exception
{
    private protected WalException(string message, Exception? inner) : base(message, inner)
    {
    }
}

/// <summary>
/// The platform failed an operation on a file or directory. The log's appends report their failures as
/// <see cref="WalLackException"/>, <see cref="WalReadOnlyException"/> or <see cref="WalOutcomeUnknownException"/>.
/// </summary>
public sealed class WalIOException : WalException
{
    /// <summary>An operation on a path failed, for want of space or for another reason.</summary>
    public WalIOException(string operation, string path, bool outOfSpace, string reason, Exception? inner = null)
        : this(operation, path, outOfSpace ? WalIOCause.NoRoom : WalIOCause.Other, reason, inner)
    {
    }

    /// <summary>An operation on a path failed.</summary>
    /// <param name="operation">The operation, as in <see cref="Operation"/>.</param>
    /// <param name="path">The file or directory.</param>
    /// <param name="cause">Why it failed.</param>
    /// <param name="reason">Why it failed, as text for operators.</param>
    /// <param name="inner">The exception behind it, if any.</param>
    public WalIOException(string operation, string path, WalIOCause cause, string reason, Exception? inner = null)
        : base($"{operation} {path}: {reason}", inner) => (Operation, Path, Cause) = (operation, path, cause);

    /// <summary>The operation: <c>open</c>, <c>write</c>, <c>sync</c> ...</summary>
    public string Operation { get; }

    /// <summary>The file or directory.</summary>
    public string Path { get; }

    /// <summary>Why it failed.</summary>
    public WalIOCause Cause { get; }

    /// <summary>Whether the disk or the quota was full.</summary>
    public bool IsOutOfSpace => Cause == WalIOCause.NoRoom;

    /// <summary>Whether the process lacks the permission, for instance to write a read-only file.</summary>
    public bool IsAccessDenied => Cause is WalIOCause.NotPermitted or WalIOCause.ReadOnlyFileSystem;

    /// <summary>
    /// Whether the operation was refused because the log no longer owns its directory: the directory or its lock file
    /// was moved or replaced.
    /// </summary>
    public bool IsNotOwned => Cause == WalIOCause.NotOwned;

    /// <summary>Whether a sync of a file or a directory failed. A failed sync is never tried again.</summary>
    public bool IsFailedSync => Operation.StartsWith("sync", StringComparison.Ordinal);

    /// <summary>
    /// Whether room, descriptors or memory were lacking, so that a later try can succeed. A write may have written some
    /// of its bytes; any other operation did not happen. False for a failed sync, whatever its cause.
    /// </summary>
    public bool IsPassing =>
        !IsFailedSync && Cause is WalIOCause.NoRoom or WalIOCause.NoDescriptors or WalIOCause.NoMemory;
}

/// <summary>Another process, or another log in this one, holds the directory.</summary>
public sealed class WalLockedException : WalException
{
    /// <summary>The directory is held.</summary>
    public WalLockedException(string directory, string holder)
        : base($"{directory} is locked by {holder}", null)
    {
        Directory = directory;
        Holder = holder;
    }

    /// <summary>The directory that is held.</summary>
    public string Directory { get; }

    /// <summary>The process that holds it, as text for operators.</summary>
    public string Holder { get; }
}

/// <summary>
/// The log does not hold the offset: it was not given yet, its segment was deleted, or it is not durable yet.
/// </summary>
public sealed class WalNotFoundException : WalException
{
    /// <summary>The log does not hold an offset.</summary>
    /// <param name="offset">The offset that was asked for.</param>
    /// <param name="message">What the log holds, as text for operators.</param>
    public WalNotFoundException(long offset, string message) : base(message, null) => Offset = offset;

    /// <summary>The offset that was asked for.</summary>
    public long Offset { get; }
}

/// <summary>
/// The operation definitely did not happen, and the log refuses more of them until it is opened anew.
/// </summary>
public sealed class WalReadOnlyException : WalException
{
    /// <summary>The log refuses an operation.</summary>
    public WalReadOnlyException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}

/// <summary>
/// Room, descriptors or memory were lacking (<see cref="WalIOException.IsPassing"/>). The appends of the commit, or the
/// roll, definitely did not happen. The log goes on, and a later try can succeed.
/// </summary>
public class WalLackException : WalException
{
    /// <summary>
    /// An operation did not happen. A partly written commit was cut off again, and the cut was synced.
    /// </summary>
    public WalLackException(string message, WalIOCause cause, Exception? inner = null)
        : base(message, inner) => Cause = cause;

    /// <summary>What was lacking.</summary>
    public WalIOCause Cause { get; }

    internal static WalLackException Of(string message, WalIOException failure) => failure.IsOutOfSpace
        ? new WalOutOfSpaceException(message, failure)
        : new WalLackException(message, failure.Cause, failure);
}

/// <summary>
/// The disk or the quota was full. The appends of the commit, or the roll, definitely did not happen; the log goes on
/// when there is room.
/// </summary>
public sealed class WalOutOfSpaceException : WalLackException
{
    /// <summary>
    /// An operation did not happen. A partly written commit was cut off again, and the cut was synced.
    /// </summary>
    public WalOutOfSpaceException(string message, Exception? inner = null) : base(message, WalIOCause.NoRoom, inner)
    {
    }
}

/// <summary>A write or a sync failed. The next opening tells whether the operation happened.</summary>
public sealed class WalOutcomeUnknownException : WalException
{
    /// <summary>The outcome of an operation is unknown.</summary>
    public WalOutcomeUnknownException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
