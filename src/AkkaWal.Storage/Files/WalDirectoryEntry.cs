namespace AkkaWal.Storage.Files;

/// <summary>One name in a directory.</summary>
/// <param name="Name">The name alone, without the directory.</param>
/// <param name="Kind">What stands there.</param>
/// <param name="LengthBytes">A file's length in bytes, where it was asked for alone; a listing need not tell it. 0 for anything else.</param>
public readonly record struct WalDirectoryEntry(string Name, WalEntryKind Kind, long LengthBytes);

/// <summary>What kind of thing a name in a directory stands for.</summary>
public enum WalEntryKind
{
    /// <summary>A plain file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link, device, socket or pipe: never opened by the log.</summary>
    Other,
}
