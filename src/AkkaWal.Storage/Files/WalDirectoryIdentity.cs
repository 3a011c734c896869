namespace AkkaWal.Storage.Files;

/// <summary>
/// Distinguishes a directory from its copies. It contains no device number, because that changes when the file system
/// is mounted again.
/// </summary>
/// <param name="Inode">Its number in its file system. It can be used again after the directory was removed.</param>
/// <param name="BornAtNanoseconds">
/// When it was created, in nanoseconds since 1970; 0 where the file system does not tell.
/// </param>
public readonly record struct WalDirectoryIdentity(ulong Inode, long BornAtNanoseconds);
