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
    internal static PosixLock Acquire(SafeFileHandle directory, string directoryPath, string name, bool ownsDirectory)
    {
        var acquired = new PosixLock(directory, directoryPath, name, ownsDirectory);
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

    /// <summary>Whether an owner has locked a directory or the lock file in it.</summary>
    internal static bool IsHeld(SafeFileHandle directory, string directoryPath, string name)
    {
        var place = new PosixPlace(directory, name, Path.Combine(directoryPath, name));
        if (PosixCalls.Stat(place) is { Kind: WalEntryKind.File })
        {
            var file = PosixCalls.OpenHandle(place, Libc.ReadOnly | Libc.NoFollow);
            if (Flock.IsHeld(file, place.Path, PosixError.CauseOf)) return true;
        }
        var itself = new PosixPlace(directory, ".", directoryPath);
        var opened = PosixCalls.OpenDirectory(itself, followsLinks: true);
        return Flock.IsHeld(opened, directoryPath, PosixError.CauseOf);
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
        // Unlocks the file first: an owner that finds the directory unlocked must find the file unlocked too.
        Flock.Release(_file);
        _file?.Dispose();
        if (HoldsDirectory) Flock.Release(_directory);
        if (_ownsDirectory) _directory.Dispose();
        HoldsDirectory = false;
        lock (Held)
            if (_isRegistered) _isRegistered = !Held.Remove(_directoryId);
    }

    private void AcquireDirectory()
    {
        _directoryId = FileId.Of(_directory, _directoryPath);
        _knownDirectory = new KnownPath(PosixPlace.Of(_directoryPath), _directoryId, followsLinks: true);
        // Checked first: through one descriptor this process could lock the directory twice, and would unlock it once.
        lock (Held)
            if (!(_isRegistered = Held.Add(_directoryId))) throw IsLocked();
        var isHeld = Flock.Hold(_directory, _directoryPath, PosixError.CauseOf);
        if (isHeld == false) throw IsLocked();
        HoldsDirectory = isHeld == true;
    }

    private void AcquireFile()
    {
        // A former owner may have deleted the lock file between the open and the lock. Then the lock is on a file
        // without a name, and the new file must be locked.
        var place = new PosixPlace(_directory, _name, _path);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            _file = PosixCalls.OpenHandle(place, Libc.ReadWrite | Libc.Create | Libc.NoFollow);
            switch (Flock.Hold(_file, _path, PosixError.CauseOf))
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
