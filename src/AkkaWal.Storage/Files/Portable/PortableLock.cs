using System.Text;
using AkkaWal.Storage.Files.Native;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Portable;

/// <summary>
/// A locked directory: the lock file in it, which names the owner for people, and the directory itself where the
/// platform can lock one.
/// </summary>
internal sealed class PortableLock : IWalLock
{
    private const int MaxAttempts = 16;

    // The locks of this process. They keep out a second owner in it, whatever the platform's locks do.
    private static readonly Dictionary<NativeFileId, PortableLock> Held = [];

    private readonly NativeCalls _native;
    private readonly SafeFileHandle _directory;
    private readonly NativeFileId _directoryId;
    private string _directoryPath, _path;
    private SafeFileHandle? _file;
    private NativeFileId _fileId;
    private bool _isRegistered;

    private PortableLock(NativeCalls native, string path)
    {
        (_native, _path, _directoryPath) = (native, path, Path.GetDirectoryName(path)!);
        _directory = native.OpenDirectory(_directoryPath);
        _directoryId = native.FactsOf(_directory, _directoryPath).Id;
    }

    public bool HoldsDirectory { get; private set; }

    /// <summary>Locks a directory, then the lock file in it. A directory that is locked already gets no lock
    /// file.</summary>
    internal static PortableLock Acquire(NativeCalls native, string path)
    {
        var acquired = new PortableLock(native, path);
        try
        {
            acquired.AcquireDirectory();
            acquired.AcquireFile();
            return acquired;
        }
        catch
        {
            acquired.Dispose();
            throw;
        }
    }

    /// <summary>Whether an owner has locked a lock file or its directory.</summary>
    internal static bool IsHeld(NativeCalls native, string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        return native.TryFactsOf(directory, followsLinks: true) is { Kind: WalEntryKind.Directory }
            && (native.IsFileLocked(path) || native.IsDirectoryLocked(directory));
    }

    /// <summary>
    /// Carries out a change of a name that an open lock file of this process may stand in the way of. Where the
    /// platform says that it does, the file is closed meanwhile. Another process can lock it in that moment.
    /// </summary>
    /// <param name="native">The platform.</param>
    /// <param name="path">The lock file that is deleted, or the directory that is renamed.</param>
    /// <param name="newPath">The directory's new path; null where the lock file is deleted.</param>
    /// <param name="change">Makes the change.</param>
    internal static void LetGoWhile(NativeCalls native, string path, string? newPath, Action change)
    {
        var held = native.IsLockFileBound ? Find(newPath is null ? Path.GetDirectoryName(path)! : path, native) : null;
        if (held?._file is null || (newPath is null && !IsSame(held._path, path)))
        {
            change();
            return;
        }
        lock (held._directory)
        {
            held._file.Dispose();
            held._file = null;
            var isMoved = false;
            try
            {
                change();
                isMoved = true;
            }
            finally
            {
                if (isMoved && newPath is not null)
                    (held._directoryPath, held._path) = (newPath, Path.Combine(newPath, Path.GetFileName(held._path)));
                // Where another process has locked it meanwhile, the lock is lost, and that is told when it is asked.
                if (!isMoved || newPath is not null) held._file = native.TryLockFile(held._path);
            }
        }
    }

    public string? WhyLost()
    {
        if (_native.TryFactsOf(_directoryPath, followsLinks: true)?.Id != _directoryId)
            return $"{_directoryPath} is not the directory any more that is held: it was moved, removed or replaced";
        if (_file is not { IsClosed: false } || !IsNamed())
            return $"{_path} is not the file any more that is held: it was removed or replaced";
        return null;
    }

    public void Dispose()
    {
        // The file first: an owner that finds the directory unlocked must find the file unlocked too.
        if (_file is { } file)
        {
            _native.Unlock(file);
            file.Dispose();
        }
        if (HoldsDirectory) _native.Unlock(_directory);
        HoldsDirectory = false;
        _directory.Dispose();
        lock (Held)
            if (_isRegistered) _isRegistered = !Held.Remove(_directoryId);
    }

    private static PortableLock? Find(string directory, NativeCalls native)
    {
        if (native.TryFactsOf(directory, followsLinks: true) is not { } facts) return null;
        lock (Held) return Held.GetValueOrDefault(facts.Id);
    }

    private static bool IsSame(string one, string other) =>
        string.Equals(Path.GetFullPath(one), Path.GetFullPath(other), StringComparison.OrdinalIgnoreCase);

    private void AcquireDirectory()
    {
        lock (Held)
            if (!(_isRegistered = Held.TryAdd(_directoryId, this))) throw IsLocked();
        var isHeld = _native.TryLockDirectory(_directory, _directoryPath);
        if (isHeld == false) throw IsLocked();
        HoldsDirectory = isHeld == true;
    }

    private void AcquireFile()
    {
        // A former owner may have deleted the lock file between the open and the lock. Then the lock is on a file
        // without a name, and the new file must be locked.
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (_native.TryFactsOf(_path, followsLinks: false) is { } found)
                PlainFiles.ThrowIfNotPlain(found.Kind, _path);
            _file = _native.TryLockFile(_path) ?? throw IsLocked();
            var facts = _native.FactsOf(_file, _path);
            PlainFiles.ThrowIfNotPlain(facts.Kind, _path);
            PlainFiles.ThrowIfShared(facts.LinkCount, _path);
            _fileId = facts.Id;
            if (IsNamed())
            {
                WriteHolder(_file);
                return;
            }
            _file.Dispose();
        }
        throw new WalIOException("lock", _path, false, "the lock file keeps being replaced");
    }

    // An overlay file system can give a file a new number at its first write. The open file then has it too.
    private bool IsNamed() =>
        _native.TryFactsOf(_path, followsLinks: false) is { } named
        && (named.Id == _fileId || named.Id == _native.FactsOf(_file!, _path).Id);

    // Does not own the handle: _file closes it.
    private void WriteHolder(SafeFileHandle handle)
    {
        var file = new PortableFile(_native, handle, _path);
        var holder = Encoding.UTF8.GetBytes($"process {Environment.ProcessId} on {Environment.MachineName}\n");
        try
        {
            file.Write(0, holder);
            if (file.LengthBytes > holder.Length) file.SetLength(holder.Length);
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            // The name of the owner is for people alone; a full disk must not keep the log closed.
        }
    }

    private WalLockedException IsLocked() => new(_directoryPath, Holder());

    private string Holder()
    {
        if (_native.TryFactsOf(_path, followsLinks: false) is not { Kind: WalEntryKind.File })
            return LockHolder.WithoutFile;
        try
        {
            using var file = new PortableFile(_native, _native.Open(_path, isWritten: false), _path);
            return LockHolder.In(file);
        }
        catch (WalIOException)
        {
            // Windows: somebody who locks it lets nobody read it.
            return LockHolder.Unknown;
        }
    }
}
