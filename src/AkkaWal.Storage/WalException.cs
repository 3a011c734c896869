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
    /// <summary>An operation on a path failed.</summary>
    public WalIOException(string operation, string path, bool outOfSpace, string reason, Exception? inner = null)
        : base($"{operation} {path}: {reason}", inner)
    {
        Operation = operation;
        Path = path;
        IsOutOfSpace = outOfSpace;
    }

    /// <summary>What was tried: <c>open</c>, <c>write</c>, <c>sync</c> ...</summary>
    public string Operation { get; }

    /// <summary>On which file or directory.</summary>
    public string Path { get; }

    /// <summary>Whether the disk or the quota was full (ENOSPC, EDQUOT).</summary>
    public bool IsOutOfSpace { get; }

    /// <summary>Whether the platform does not let this process do it (EACCES, EPERM, EROFS): a read-only file, say.</summary>
    public bool IsAccessDenied { get; init; }

    /// <summary>Whether it was a sync, of a file or a directory: never tried again, whatever its reason.</summary>
    public bool IsFailedSync => Operation.StartsWith("sync", StringComparison.Ordinal);
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

/// <summary>The append was refused: it definitely did not happen, and none will until the log is opened anew.</summary>
public sealed class WalReadOnlyException : WalException
{
    /// <summary>The log takes no appends.</summary>
    public WalReadOnlyException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}

/// <summary>There was no room: the appends of the commit definitely did not happen, and the log goes on when there is room.</summary>
public sealed class WalOutOfSpaceException : WalException
{
    /// <summary>The commit was cut back and the cut synced.</summary>
    public WalOutOfSpaceException(string message, Exception? inner = null) : base(message, inner)
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
