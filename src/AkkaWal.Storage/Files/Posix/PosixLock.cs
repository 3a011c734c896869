using System.Runtime.InteropServices;
using System.Text;
using AkkaWal.Storage.Files.Posix.Calls;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>
/// A directory that is locked by flock: on the directory itself, because removing or replacing a file does not undo
/// that lock, and on the lock file in it, which names the owner for operators and is the only lock that older versions
/// know.
/// </summary>
internal sealed class PosixLock : IWalLock
{
    // A process that asks whether a lock is held takes it shared for some microseconds; longer where it is not
    // scheduled. So a lock that is only shared is tried again for a while.
    private const int LockLooks = 5000, LockLookMilliseconds = 1;
    private const int MaxAttempts = 16;

    // The directories that this process has locked. Where directories can't be locked, only this keeps out a second
    // owner in the process.
    private static readonly HashSet<FileId> Held = [];

    private readonly SafeFileHandle _directory;
    private readonly string _directoryPath, _name, _path;
    private readonly bool _ownsDirectory;
    private SafeFileHandle? _file;
    private FileId _directoryId;
    private KnownPath? _knownDirectory, _knownFile;
    private bool _isRegistered;

    private PosixLock(SafeFileHandle directory, string directoryPath, string name, bool ownsDirectory)
    {
        (_directory, _directoryPath, _name, _ownsDirectory) = (directory, directoryPath, name, ownsDirectory);
        _path = Path.Combine(directoryPath, name);
    }

    public bool HoldsDirectory { get; private set; }

    /// <summary>
    /// Locks a directory, then the lock file in it. A directory that is locked already gets no lock file.
    /// </summary>
    /// <param name="directory">The open directory. It must stay open as long as it is locked.</param>
    /// <param name="directoryPath">The path that it was opened by.</param>
    /// <param name="name">The name of the lock file.</param>
    /// <param name="ownsDirectory">Whether to close the directory with the lock.</param>
    internal static PosixLock Take(SafeFileHandle directory, string directoryPath, string name, bool ownsDirectory)
    {
        var taken = new PosixLock(directory, directoryPath, name, ownsDirectory);
        try
        {
            taken.TakeDirectory();
            taken.TakeFile();
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>Whether an owner has locked a directory or the lock file in it.</summary>
    internal static bool IsTaken(SafeFileHandle directory, string directoryPath, string name)
    {
        var place = new PosixPlace(directory, name, Path.Combine(directoryPath, name));
        if (PosixCalls.Stat(place) is { Kind: WalEntryKind.File }
            && IsTaken(PosixCalls.OpenHandle(place, Libc.ReadOnly | Libc.NoFollow), place.Path))
        {
            return true;
        }
        var itself = new PosixPlace(directory, ".", directoryPath);
        return IsTaken(PosixCalls.OpenDirectory(itself, followsLinks: true), directoryPath);
    }

    public string? WhyLost()
    {
        // Both are checked: all files, the lock file included, can have been moved into a new directory at the same
        // path.
        if (!_knownDirectory!.LeadsTo(_directory))
            return $"{_directoryPath} is not the directory any more that is held: it was moved, removed or replaced";
        if (!_knownFile!.LeadsTo(_file!))
            return $"{_path} is not the file any more that is held: it was removed or replaced";
        return null;
    }

    public void Dispose()
    {
        // Unlocks the file first: an owner that finds the directory unlocked must find the file unlocked too. Unlocks
        // explicitly, because a process that is being started holds copies of the descriptors for a moment.
        Release(_file, _path);
        _file?.Dispose();
        if (HoldsDirectory) Release(_directory, _directoryPath);
        if (_ownsDirectory) _directory.Dispose();
        HoldsDirectory = false;
        lock (Held)
            if (_isRegistered) _isRegistered = !Held.Remove(_directoryId);
    }

    /// <summary>Unlocks a handle that is still open, for all copies of its descriptor.</summary>
    internal static void Release(SafeFileHandle? handle, string path)
    {
        if (handle is { IsClosed: false }) TryLock(handle, Libc.Unlock, path);
    }

    private void TakeDirectory()
    {
        _directoryId = FileId.Of(_directory, _directoryPath);
        _knownDirectory = new KnownPath(PosixPlace.Of(_directoryPath), _directoryId, followsLinks: true);
        // Checked first: through one descriptor this process could lock the directory twice, and would unlock it once.
        lock (Held)
            if (!(_isRegistered = Held.Add(_directoryId))) throw IsLocked();
        var isHeld = Hold(_directory, _directoryPath);
        if (isHeld == false) throw IsLocked();
        HoldsDirectory = isHeld == true;
    }

    private void TakeFile()
    {
        // A former owner may have deleted the lock file between the open and the lock. Then the lock is on a file
        // without a name, and the new file must be locked.
        var place = new PosixPlace(_directory, _name, _path);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            _file = PosixCalls.OpenHandle(place, Libc.ReadWrite | Libc.Create | Libc.NoFollow);
            switch (Hold(_file, _path))
            {
                case false:
                    throw IsLocked();
                case null:
                    var why = "its file system has no locks (flock), so that nothing would keep a second process from "
                        + "writing the log: put it on another one, such as ext4 or xfs";
                    throw new WalIOException("lock", _path, WalIOCause.NotSupported, why);
            }
            var id = FileId.Of(_file, _path);
            _knownFile = new KnownPath(place, id, followsLinks: false);
            if (IsNamed(place, id, _file))
            {
                WriteHolder(_file);
                return;
            }
            _file.Dispose();
        }
        throw new WalIOException("lock", _path, false, "the lock file keeps being replaced");
    }

    private void WriteHolder(SafeFileHandle handle)
    {
        var stat = PosixCalls.StatOf(handle, _path);
        PlainFiles.ThrowIfNotPlain(PosixCalls.KindOf(stat.Mode), _path);
        PlainFiles.ThrowIfShared(stat.LinkCount, _path);
        // Does not own the handle: _file closes it.
        var file = new PosixFile(handle, new PosixPlace(_directory, _name, _path));
        var holder = Encoding.UTF8.GetBytes($"process {Environment.ProcessId} on {Environment.MachineName}\n");
        try
        {
            file.Write(0, holder);
            // Cut after the write, and only if needed: cutting the file to nothing first takes longer than all the
            // rest.
            if (file.LengthBytes > holder.Length) file.SetLength(holder.Length);
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            // The owner's name is only for operators, so a full disk must not keep the log closed.
        }
    }

    /// <returns>Whether it is locked now; null where the platform does not support the lock.</returns>
    private static bool? Hold(SafeFileHandle handle, string path)
    {
        for (var look = 1; ; look++)
        {
            if (TryLock(handle, Libc.LockExclusive, path) is not false and var held) return held;
            // Another process can share the lock only while it asks; an owner holds it exclusively.
            if (look == LockLooks || TryLock(handle, Libc.LockShared, path) != true) return false;
            TryLock(handle, Libc.Unlock, path);
            Thread.Sleep(LockLookMilliseconds);
        }
    }

    // Closes the handle, which releases the shared lock.
    private static bool IsTaken(SafeFileHandle handle, string path)
    {
        using (handle) return TryLock(handle, Libc.LockShared, path) == false;
    }

    /// <returns>Whether it is locked now; null where the platform does not support the lock.</returns>
    internal static bool? TryLock(SafeFileHandle handle, int kind, string path)
    {
        while (Libc.Lock(handle, kind | Libc.LockNonBlocking) != 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case Libc.WouldBlock:
                    return false;
                case Libc.BadDescriptor or Libc.Invalid or Libc.NoLocks or Libc.NoSuchCall or Libc.NotSupported:
                    return null;
                case not Libc.Interrupted:
                    throw PosixError.Last("lock", path);
            }
        }
        return true;
    }

    private WalLockedException IsLocked() => new(_directoryPath, HolderIn(new PosixPlace(_directory, _name, _path)));

    private static string HolderIn(in PosixPlace place)
    {
        if (PosixCalls.Stat(place) is not { Kind: WalEntryKind.File }) return LockHolder.WithoutFile;
        using var file = PosixCalls.Open(place, FileAccessMode.Read);
        return LockHolder.In(file);
    }

    // An overlay file system can give a file a new number at its first write. The open file then has it too.
    private static bool IsNamed(in PosixPlace place, FileId known, SafeFileHandle handle) =>
        PosixCalls.TryIdOf(place, Libc.NoFollowLinks) is { } id && (id == known || id == FileId.Of(handle, place.Path));
}
