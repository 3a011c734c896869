using AkkaWal.Storage.Files.Native;

namespace AkkaWal.Storage.Files.Portable;

/// <summary>
/// The file system of Windows and macOS, on the runtime's own file API and the few calls of the platform that it lacks.
/// It promises less than <see cref="Posix.PosixFileSystem"/>; docs/LIMITATIONS.md says what. On Linux only tests use
/// it. From any thread.
/// </summary>
internal sealed class PortableFileSystem : IWalFileSystem
{
    private readonly NativeCalls _native = NativeCalls.Current;
    private int _isNoted;

    /// <summary>The instance that serves all logs of the process.</summary>
    internal static PortableFileSystem Instance { get; } = new();

    /// <summary>Notes what this file system can't promise, at the first call alone.</summary>
    internal void NoteOnce(Action<string> note)
    {
        if (Interlocked.Exchange(ref _isNoted, 1) != 0) return;
        note($"the portable file system promises less than the one for Linux: {_native.Weaknesses}");
    }

    public IWalFile Open(string path, FileAccessMode mode) => PortableFiles.Open(_native, path, mode);

    public WalDirectoryEntry? Stat(string path) => PortableFiles.Stat(_native, path);

    public IReadOnlyList<WalDirectoryEntry> List(string directory) => PortableFiles.List(_native, directory);

    public void CreateDirectory(string path) => PortableFiles.CreateDirectory(_native, path);

    public void Rename(string path, string newPath) =>
        PortableLock.LetGoWhile(_native, path, newPath, () => _native.Rename(path, newPath));

    // Whoever asks for a link copies where there is none.
    public void Link(string path, string newPath) =>
        throw new WalIOException("link", newPath, WalIOCause.NotSupported, "this file system makes no hard links");

    public void Delete(string path) => PortableLock.LetGoWhile(_native, path, null, () => _native.Delete(path));

    public void DeleteDirectory(string path) => _native.DeleteDirectory(path);

    public void MakeReadOnly(string path) => _native.MakeReadOnly(path);

    public void SyncDirectory(string path) => _native.SyncDirectory(path);

    public IWalLock Lock(string path) => PortableLock.Acquire(_native, path);

    public bool IsLocked(string path) => PortableLock.IsHeld(_native, path);

    public IWalDirectory OpenDirectory(string path) => new PortableDirectory(_native, this, path);
}
