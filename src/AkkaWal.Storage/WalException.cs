namespace AkkaWal.Storage;

/// <summary>What every error of the log is. The kinds tell "did not happen" from "cannot know".</summary>
public abstract class WalException : Exception
{
    private protected WalException(string message, Exception? inner) : base(message, inner)
    {
    }
}

/// <summary>The platform failed a file operation. Below the format; callers of the log see one of the kinds that follow.</summary>
public sealed class WalIOException : WalException
{
    /// <summary>An operation on a path failed, because space ran out or for any other reason.</summary>
    public WalIOException(string operation, string path, bool outOfSpace, string reason, Exception? inner = null)
        : this(operation, path, outOfSpace ? WalIOCause.NoRoom : WalIOCause.Other, reason, inner)
    {
    }

    /// <summary>An operation on a path failed.</summary>
    /// <param name="operation">What was tried, as <see cref="Operation"/>.</param>
    /// <param name="path">On what.</param>
    /// <param name="cause">Why.</param>
    /// <param name="reason">The same for people.</param>
    /// <param name="inner">What was thrown, where something was.</param>
    public WalIOException(string operation, string path, WalIOCause cause, string reason, Exception? inner = null)
        : base($"{operation} {path}: {reason}", inner) => (Operation, Path, Cause) = (operation, path, cause);

    /// <summary>What was tried: <c>open</c>, <c>write</c>, <c>sync</c> ...</summary>
    public string Operation { get; }

    /// <summary>On which file or directory.</summary>
    public string Path { get; }

    /// <summary>Why.</summary>
    public WalIOCause Cause { get; }

    /// <summary>Whether the disk or the quota was full.</summary>
    public bool IsOutOfSpace => Cause == WalIOCause.NoRoom;

    /// <summary>Whether the platform does not let this process do it: a read-only file, say.</summary>
    public bool IsAccessDenied => Cause is WalIOCause.NotPermitted or WalIOCause.ReadOnlyFileSystem;

    /// <summary>
    /// Whether it was not tried, because the log's directory is its owner's no more: it was moved or replaced, or its
    /// lock file was.
    /// </summary>
    public bool IsNotOwned => Cause == WalIOCause.NotOwned;

    /// <summary>Whether it was a sync, of a file or a directory: never tried again, whatever its reason.</summary>
    public bool IsFailedSync => Operation.StartsWith("sync", StringComparison.Ordinal);

    /// <summary>
    /// Whether something was lacking that may be there again: room, descriptors or memory. Of a write, some of its bytes may stand there;
    /// anything else did not happen. A failed sync passes never.
    /// </summary>
    public bool IsPassing => !IsFailedSync && Cause is WalIOCause.NoRoom or WalIOCause.NoDescriptors or WalIOCause.NoMemory;
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

    /// <summary>Who holds it, for people.</summary>
    public string Holder { get; }
}

/// <summary>The log does not hold the offset: it was never given, or deleted, or is not on the disk yet.</summary>
public sealed class WalNotFoundException : WalException
{
    /// <summary>It is not there.</summary>
    /// <param name="offset">The offset that was asked for.</param>
    /// <param name="message">What the log holds, for people.</param>
    public WalNotFoundException(long offset, string message) : base(message, null) => Offset = offset;

    /// <summary>The offset that was asked for.</summary>
    public long Offset { get; }
}

/// <summary>The append was refused: it definitely did not happen, and none will until the log is opened anew.</summary>
public sealed class WalReadOnlyException : WalException
{
    /// <summary>The log takes no appends.</summary>
    public WalReadOnlyException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}

/// <summary>
/// Something was lacking that may be there again (<see cref="WalIOException.IsPassing"/>): the appends of the commit, or the roll,
/// definitely did not happen, and the log goes on. Try again.
/// </summary>
public class WalLackException : WalException
{
    /// <summary>Nothing happened, and what was cut back is synced.</summary>
    public WalLackException(string message, WalIOCause cause, Exception? inner = null) : base(message, inner) => Cause = cause;

    /// <summary>What was lacking.</summary>
    public WalIOCause Cause { get; }

    internal static WalLackException Of(string message, WalIOException failure) => failure.IsOutOfSpace
        ? new WalOutOfSpaceException(message, failure)
        : new WalLackException(message, failure.Cause, failure);
}

/// <summary>There was no room: the appends of the commit definitely did not happen, and the log goes on when there is room.</summary>
public sealed class WalOutOfSpaceException : WalLackException
{
    /// <summary>The commit was cut back and the cut synced.</summary>
    public WalOutOfSpaceException(string message, Exception? inner = null) : base(message, WalIOCause.NoRoom, inner)
    {
    }
}

/// <summary>A write or a sync failed under the operation: whether it happened is known only after the next opening.</summary>
public sealed class WalOutcomeUnknownException : WalException
{
    /// <summary>The outcome cannot be known.</summary>
    public WalOutcomeUnknownException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
