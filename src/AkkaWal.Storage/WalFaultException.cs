namespace AkkaWal.Storage;

/// <summary>
/// A file of the log has a fault. The type of the exception is one of four: the bytes are damaged, the file is absent,
/// it belongs to something else, or a newer version made it. Nothing was changed.
/// </summary>
public abstract class WalFaultException : WalException
{
    private protected WalFaultException(
        string path, long position, string expected, string found, string message, string advice)
        : base(advice.Length == 0 ? message : $"{message}; {advice}", null)
    {
        Path = path;
        Position = position;
        Expected = expected;
        Found = found;
        Advice = advice;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The byte in the file at which the fault shows; 0 where the whole file is meant.</summary>
    public long Position { get; }

    /// <summary>What the file should hold there.</summary>
    public string Expected { get; }

    /// <summary>What the file holds there.</summary>
    public string Found { get; }

    /// <summary>What a person can do about it; "" where the message says everything.</summary>
    public string Advice { get; }
}

/// <summary>Bytes of a file are missing or have changed. Nothing was changed by the log.</summary>
public sealed class WalDamagedException : WalFaultException
{
    /// <summary>Damage at a position of a file.</summary>
    public WalDamagedException(string path, long position, string expected, string found, string advice = "")
        : base(
            path, position, expected, found,
            $"{path} is damaged at position {position}: expected {expected}, found {found}", advice)
    {
    }
}

/// <summary>A file that must be there is missing. Nothing is known to be damaged: the file can be put back.</summary>
public sealed class WalAbsentException : WalFaultException
{
    /// <summary>A file is missing.</summary>
    public WalAbsentException(string path, string expected, string advice = "")
        : base(path, 0, expected, "no file", $"{path} is missing: expected {expected}, found no file", advice)
    {
    }
}

/// <summary>A file belongs to another log or another segment, or is no plain file. The log leaves it alone.</summary>
public sealed class WalForeignException : WalFaultException
{
    /// <summary>A file does not belong where it is.</summary>
    public WalForeignException(string path, long position, string expected, string found, string advice = "")
        : base(
            path, position, expected, found,
            $"{path} does not belong there: expected {expected}{(position == 0 ? "" : $" at position {position}")}, "
                + $"found {found}",
            advice)
    {
    }

    internal static WalForeignException NoPlainFile(string path) =>
        new(path, 0, "a plain file", "a link, a directory or a device", "put the log's own file back");
}

/// <summary>
/// A file has a format that this program does not know. It is not damaged. It is left as it is, and no repair touches
/// it: the program that wrote it can read it.
/// </summary>
public sealed class WalNewerVersionException : WalFaultException
{
    /// <summary>A file of a newer format.</summary>
    /// <param name="path">The file.</param>
    /// <param name="position">The byte in the file that holds the number.</param>
    /// <param name="what">What is newer: <c>format version</c>, <c>codec</c> ...</param>
    /// <param name="found">Its number in the file.</param>
    /// <param name="known">The highest number that this program knows.</param>
    public WalNewerVersionException(string path, long position, string what, long found, long known)
        : base(
            path, position, $"{what} {known} or lower", $"{what} {found}",
            $"{path} was made by a newer version of AkkaWal: {what} {found} at position {position}, "
                + $"and {known} is the highest that this one knows",
            "open the log with that version")
    {
        What = what;
        FoundVersion = found;
        KnownVersion = known;
    }

    /// <summary>What is newer: <c>format version</c>, <c>codec</c> ...</summary>
    public string What { get; }

    /// <summary>The number in the file.</summary>
    public long FoundVersion { get; }

    /// <summary>The highest number that this program knows.</summary>
    public long KnownVersion { get; }
}
