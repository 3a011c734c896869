using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>
/// A directory that is held by flock: on its own descriptor, which removing or replacing a file does not undo, and on
/// the lock file in it, which tells people who holds it and is all that older versions of this program know.
/// </summary>
internal sealed class PosixLock : IWalLock
{
    // Who asks whether a lock is held has it, shared, for some microseconds, or as long as the machine lets him sleep
    // just then.
    private const int LockLooks = 5000, LockLookMilliseconds = 1;
    private const int MaxAttempts = 16;

    // What this process holds: where the platform locks no directories, that alone keeps a second owner in it out.
    private static readonly HashSet<FileId> s_held = [];

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

    /// <summary>Takes a directory and its lock file: whoever finds the directory taken makes no lock file.</summary>
    /// <param name="directory">The directory, which must stay open for as long as it is held.</param>
    /// <param name="directoryPath">The path that it was opened by.</param>
    /// <param name="name">The lock file's.</param>
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

    /// <summary>Whether somebody holds a directory or the lock file in it.</summary>
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
        // Both: all files, the lock file too, may have been moved into a directory that took this one's place.
        if (!_knownDirectory!.LeadsTo(_directory))
            return $"{_directoryPath} is not the directory any more that is held: it was moved, removed or replaced";
        if (!_knownFile!.LeadsTo(_file!))
            return $"{_path} is not the file any more that is held: it was removed or replaced";
        return null;
    }

    public void Dispose()
    {
        // The lock file first: whoever finds the directory free must find that free as well. Said and not left to the
        // closing: a process that is being started has copies of the descriptors for a moment, and with them the locks.
        Release(_file, _path);
        _file?.Dispose();
        if (HoldsDirectory) Release(_directory, _directoryPath);
        if (_ownsDirectory) _directory.Dispose();
        HoldsDirectory = false;
        lock (s_held)
            if (_isRegistered) _isRegistered = !s_held.Remove(_directoryId);
    }

    private static void Release(SafeFileHandle? handle, string path)
    {
        if (handle is { IsClosed: false }) TryLock(handle, Libc.Unlock, path);
    }

    private void TakeDirectory()
    {
        _directoryId = FileId.Of(_directory, _directoryPath);
        _knownDirectory = new KnownPath(PosixPlace.Of(_directoryPath), _directoryId, followsLinks: true);
        // First: through one descriptor, this process could lock the directory twice, and unlock it once.
        lock (s_held)
            if (!(_isRegistered = s_held.Add(_directoryId))) throw IsLocked();
        var isHeld = Hold(_directory, _directoryPath);
        if (isHeld == false) throw IsLocked();
        HoldsDirectory = isHeld == true;
    }

    private void TakeFile()
    {
        // Whoever holds the lock may delete the file when it is done, so the name can have moved on to another file
        // between the open and the lock: then the lock is on a file that nobody will look at, and is tried anew.
        var place = new PosixPlace(_directory, _name, _path);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            _file = PosixCalls.OpenHandle(place, Libc.ReadWrite | Libc.Create | Libc.NoFollow);
            switch (Hold(_file, _path))
            {
                case false:
                    throw IsLocked();
                case null:
                    throw new WalIOException("lock", _path, WalIOCause.NotSupported, "its file system has no locks (flock), so that nothing "
                        + "would keep a second process from writing the log: put it on another one, such as ext4 or xfs");
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
        PosixCalls.ThrowIfNotPlain(stat, _path);
        PosixCalls.ThrowIfShared(stat, _path);
        // It lets go of the handle when it is collected, and not before.
        var file = new PosixFile(handle, new PosixPlace(_directory, _name, _path));
        var holder = Encoding.UTF8.GetBytes($"process {Environment.ProcessId} on {Environment.MachineName}\n");
        try
        {
            file.Write(0, holder);
            // Not cut to nothing before: that alone takes longer than the rest.
            if (file.LengthBytes > holder.Length) file.SetLength(holder.Length);
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            // It is for people alone: a full disk need not keep them from the log.
        }
    }

    /// <returns>Whether it is held now; null where the platform has no such lock.</returns>
    private static bool? Hold(SafeFileHandle handle, string path)
    {
        for (var look = 1; ; look++)
        {
            if (TryLock(handle, Libc.LockExclusive, path) is not false and var held) return held;
            // Where it can be shared nobody has it: somebody just asked.
            if (look == LockLooks || TryLock(handle, Libc.LockShared, path) != true) return false;
            TryLock(handle, Libc.Unlock, path);
            Thread.Sleep(LockLookMilliseconds);
        }
    }

    // Closing the handle lets go of it.
    private static bool IsTaken(SafeFileHandle handle, string path)
    {
        using (handle) return TryLock(handle, Libc.LockShared, path) == false;
    }

    private static bool? TryLock(SafeFileHandle handle, int kind, string path)
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
        if (PosixCalls.Stat(place) is not { Kind: WalEntryKind.File })
            return "another process, whose lock file was removed";
        using var file = PosixCalls.Open(place, FileAccessMode.Read);
        Span<byte> text = stackalloc byte[256];
        var holder = Encoding.UTF8.GetString(text[..file.Read(0, text)]).Trim();
        return holder.Length == 0 ? "another process" : holder;
    }

    // An overlay may give a file another number when it is first written: then the open one has it too.
    private static bool IsNamed(in PosixPlace place, FileId known, SafeFileHandle handle) =>
        PosixCalls.TryIdOf(place, Libc.NoFollowLinks) is { } id && (id == known || id == FileId.Of(handle, place.Path));
}
