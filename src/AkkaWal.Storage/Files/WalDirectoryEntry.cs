namespace AkkaWal.Storage.Files;

/// <summary>An entry of a directory.</summary>
/// <param name="Name">The name, without the directory.</param>
/// <param name="Kind">What it is.</param>
/// <param name="LengthBytes">
/// A file's length in bytes, as <see cref="IWalFileSystem.Stat"/> gives it. 0 for anything else, and in a listing.
/// </param>
public readonly record struct WalDirectoryEntry(string Name, WalEntryKind Kind, long LengthBytes);

/// <summary>The kinds of entries in a directory.</summary>
public enum WalEntryKind
{
    /// <summary>A plain file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link, device, socket or pipe. The log never opens it.</summary>
    Other,
}
