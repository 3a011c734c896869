namespace AkkaWal.Storage.Files.Native;

/// <summary>What the platform tells about a file or directory.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Kind">What it is.</param>
/// <param name="LengthBytes">A file's length; without a meaning for anything else.</param>
/// <param name="LinkCount">How many names a file has.</param>
/// <param name="BornAtNanoseconds">
/// When it was created, in nanoseconds since 1970; 0 where that is not told.
/// </param>
/// <param name="IsPrivate">
/// Whether it belongs to this process's user, and no other user has any right to it. False where that can't be told.
/// </param>
internal readonly record struct FileFacts(
    NativeFileId Id, WalEntryKind Kind, long LengthBytes, uint LinkCount, long BornAtNanoseconds, bool IsPrivate);

/// <summary>The identity of a file or directory on this machine. Unique as long as it is open.</summary>
/// <param name="Volume">The number of its file system.</param>
/// <param name="Number">Its number in its file system.</param>
internal readonly record struct NativeFileId(ulong Volume, ulong Number);
