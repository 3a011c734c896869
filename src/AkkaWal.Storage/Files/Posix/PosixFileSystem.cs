namespace AkkaWal.Storage.Files.Posix;

/// <summary>
/// The file system of a Linux machine. It has no state; one instance serves all logs. From any thread.
/// </summary>
public sealed class PosixFileSystem : IWalFileSystem
{
    private static readonly PosixFileSystem OnLinux = new();

    private PosixFileSystem()
    {
    }

    /// <summary>The instance.</summary>
    /// <exception cref="PlatformNotSupportedException">
    /// The platform is not Linux. A log to which no file system is given finds the one of its platform.
    /// </exception>
    public static PosixFileSystem Instance => OperatingSystem.IsLinux()
        ? OnLinux
        : throw new PlatformNotSupportedException("this file system is Linux' own: give the log none, or another one");

    /// <inheritdoc/>
    public IWalFile Open(string path, FileAccessMode mode) => PosixCalls.Open(PosixPlace.Of(path), mode);

    /// <inheritdoc/>
    public WalDirectoryEntry? Stat(string path) => PosixCalls.Stat(PosixPlace.Of(path));

    /// <inheritdoc/>
    public IReadOnlyList<WalDirectoryEntry> List(string directory) => PosixCalls.List(PosixPlace.Of(directory));

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        if (Stat(path) is { } found)
        {
            if (found.Kind == WalEntryKind.Directory || Directory.Exists(path)) return;
            throw new WalIOException("create directory", path, false, "a file of that name exists");
        }
        var parent = Path.GetDirectoryName(path);
        if (!string.IsNullOrEmpty(parent)) CreateDirectory(parent);
        // Another process may have created it since the check above; that is no error.
        if (PosixCalls.TryMakeDirectory(PosixPlace.Of(path)) is { } failure && !Directory.Exists(path)) throw failure;
        if (!string.IsNullOrEmpty(parent)) PosixNames.SyncWhereSupported(PosixPlace.Of(parent));
    }

    /// <inheritdoc/>
    public void Rename(string path, string newPath) => PosixCalls.Rename(PosixPlace.Of(path), PosixPlace.Of(newPath));

    /// <inheritdoc/>
    public void Link(string path, string newPath) => PosixCalls.Link(PosixPlace.Of(path), PosixPlace.Of(newPath));

    /// <inheritdoc/>
    public void Delete(string path) => PosixCalls.Delete(PosixPlace.Of(path));

    /// <inheritdoc/>
    public void DeleteDirectory(string path) => PosixCalls.DeleteDirectory(PosixPlace.Of(path));

    /// <inheritdoc/>
    public void MakeReadOnly(string path) => PosixCalls.MakeReadOnly(PosixPlace.Of(path));

    /// <inheritdoc/>
    public void SyncDirectory(string path) => PosixCalls.SyncDirectory(PosixPlace.Of(path));

    /// <inheritdoc/>
    public IWalLock Lock(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        var handle = PosixCalls.OpenDirectory(PosixPlace.Of(directory), followsLinks: true);
        return PosixLock.Acquire(handle, directory, Path.GetFileName(path), ownsDirectory: true);
    }

    /// <inheritdoc/>
    public bool IsLocked(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(directory)) return false;
        using var handle = PosixCalls.OpenDirectory(PosixPlace.Of(directory), followsLinks: true);
        return PosixLock.IsHeld(handle, directory, Path.GetFileName(path));
    }

    /// <inheritdoc/>
    public IWalDirectory OpenDirectory(string path) =>
        new PosixDirectory(PosixCalls.OpenDirectory(PosixPlace.Of(path), followsLinks: true), path);
}
