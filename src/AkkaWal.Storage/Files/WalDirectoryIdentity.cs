namespace AkkaWal.Storage.Files;

/// <summary>
/// What tells a directory from its copies, for as long as its file system lives: no number of a device is in it, since
/// that changes when the file system is mounted anew.
/// </summary>
/// <param name="Inode">Its number in its file system, which may be given again once it is removed.</param>
/// <param name="BornAtNanoseconds">When it was made, in nanoseconds since 1970; 0 where the file system does not
/// tell.</param>
public readonly record struct WalDirectoryIdentity(ulong Inode, long BornAtNanoseconds);
