using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.IO;

/// <summary>The real file system of a Linux machine. Without state; one instance serves every log.</summary>
public sealed unsafe class PosixFileSystem : IWalFileSystem
{
    private const uint OwnerOnly = 0b110_000_000, OwnerReads = 0b100_000_000, OwnerOnlyDirectory = 0b111_000_000;
    private const int NoFollowLinks = 0x100, EmptyPath = 0x1000, CurrentDirectory = -100;
    private const uint BasicStats = 0x7ff;

    // Who asks whether a lock is held has it, shared, for some microseconds, or as long as the machine lets him sleep just then.
    private const int LockLooks = 5000, LockLookMilliseconds = 1;

    private static readonly PosixFileSystem OnLinux = new();

    private PosixFileSystem()
    {
    }

    /// <summary>The one instance.</summary>
    /// <exception cref="PlatformNotSupportedException">The platform is not Linux: its sync calls have not been shown to be safe.</exception>
    public static PosixFileSystem Instance => OperatingSystem.IsLinux()
        ? OnLinux
        : throw new PlatformNotSupportedException("AkkaWal keeps its promises on Linux only: elsewhere it does not know how to make a sync reach the disk");

    /// <inheritdoc/>
    public IWalFile Open(string path, FileAccessMode mode)
    {
        var flags = mode switch
        {
            FileAccessMode.Read or FileAccessMode.ReadMapped => Libc.ReadOnly,
            FileAccessMode.ReadWrite => Libc.ReadWrite,
            FileAccessMode.CreateNew => Libc.ReadWrite | Libc.Create | Libc.Exclusive,
            FileAccessMode.CreateOrTruncate => Libc.ReadWrite | Libc.Create | Libc.Truncate,
            _ => throw new ArgumentOutOfRangeException(nameof(mode)),
        };
        var handle = OpenHandle(path, flags | Libc.NoFollow);
        var stat = StatOf(path, handle);
        if (KindOf(stat.Mode) == WalEntryKind.File)
            return (mode == FileAccessMode.ReadMapped ? MappedFile.TryMap(handle, path, stat.LengthBytes) : null) ?? (IWalFile)new PosixFile(handle, path);
        handle.Dispose();
        throw new WalIOException("open", path, false, "it is no plain file");
    }

    /// <inheritdoc/>
    public WalDirectoryEntry? Stat(string path)
    {
        Libc.StatBuffer stat;
        if (Libc.Stat(CurrentDirectory, path, NoFollowLinks, BasicStats, &stat) == 0)
        {
            var kind = KindOf(stat.Mode);
            return new WalDirectoryEntry(Path.GetFileName(path), kind, kind == WalEntryKind.File ? stat.LengthBytes : 0);
        }
        return Marshal.GetLastPInvokeError() == Libc.NoEntry ? null : throw PosixError.Last("look at", path);
    }

    /// <inheritdoc/>
    public IReadOnlyList<WalDirectoryEntry> List(string directory)
    {
        // .NET's enumeration asks the platform about every file; the directory itself knows what each name stands for.
        var handle = Libc.OpenDirectory(directory);
        if (handle == 0) throw PosixError.Last("list", directory);
        try
        {
            var entries = new List<WalDirectoryEntry>();
            while (true)
            {
                var entry = Libc.ReadDirectory(handle);
                if (entry is null) return Marshal.GetLastPInvokeError() == 0 ? entries : throw PosixError.Last("list", directory);
                var name = Marshal.PtrToStringUTF8((nint)(&entry->FirstOfName))!;
                if (name is "." or "..") continue;
                if (entry->Kind != Libc.DirectoryEntry.Unknown) entries.Add(new WalDirectoryEntry(name, KindOf(entry->Kind), 0));
                else if (Stat(Path.Combine(directory, name)) is { } stat) entries.Add(stat with { LengthBytes = 0 });
            }
        }
        finally
        {
            _ = Libc.CloseDirectory(handle);
        }
    }

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
        if (Libc.MakeDirectory(path, OwnerOnlyDirectory) != 0)
        {
            // Somebody else may have made it since the look above.
            if (Directory.Exists(path)) return;
            throw PosixError.Last("create directory", path);
        }
        if (!string.IsNullOrEmpty(parent)) SyncDirectory(parent);
    }

    /// <inheritdoc/>
    public void Rename(string path, string newPath)
    {
        if (Libc.Rename(path, newPath) != 0) throw PosixError.Last($"rename {path} to", newPath);
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        if (Libc.Unlink(path) != 0) throw PosixError.Last("delete", path);
    }

    /// <inheritdoc/>
    public void DeleteDirectory(string path)
    {
        if (Libc.RemoveDirectory(path) != 0) throw PosixError.Last("delete directory", path);
    }

    /// <inheritdoc/>
    public void MakeReadOnly(string path)
    {
        using var handle = OpenHandle(path, Libc.ReadOnly | Libc.NoFollow);
        if (Libc.ChangeMode(handle, OwnerReads) != 0) throw PosixError.Last("make read-only", path);
    }

    /// <inheritdoc/>
    public void SyncDirectory(string path)
    {
        using var handle = OpenHandle(path, Libc.ReadOnly | Libc.DirectoryOnly);
        while (Libc.Sync(handle) != 0)
            if (Marshal.GetLastPInvokeError() != Libc.Interrupted) throw PosixError.Last("sync directory", path);
    }

    /// <inheritdoc/>
    public IDisposable Lock(string path)
    {
        // Whoever holds the lock may delete the file when it is done, so the name can have moved on to another file
        // between the open and the lock: then the lock is on a file that nobody will look at, and is tried anew.
        for (var attempt = 0; attempt < 16; attempt++)
        {
            var handle = OpenHandle(path, Libc.ReadWrite | Libc.Create | Libc.NoFollow);
            try
            {
                for (var look = 1; !TryLock(handle, Libc.LockExclusive, path); look++)
                {
                    // Where it can be shared nobody has it: somebody just asked.
                    if (look == LockLooks || !TryLock(handle, Libc.LockShared, path)) throw new WalLockedException(Path.GetDirectoryName(path)!, HolderIn(handle, path));
                    TryLock(handle, Libc.Unlock, path);
                    Thread.Sleep(LockLookMilliseconds);
                }
                if (IsSameFile(path, handle))
                {
                    var held = new PosixFile(handle, path);
                    var holder = Encoding.UTF8.GetBytes($"process {Environment.ProcessId} on {Environment.MachineName}\n");
                    held.Write(0, holder);
                    // Not cut to nothing before: that alone takes longer than the rest.
                    if (held.LengthBytes > holder.Length) held.SetLength(holder.Length);
                    return held;
                }
            }
            catch
            {
                handle.Dispose();
                throw;
            }
            handle.Dispose();
        }
        throw new WalIOException("lock", path, false, "the lock file keeps being replaced");
    }

    /// <inheritdoc/>
    public bool IsLocked(string path)
    {
        if (Stat(path) is not { Kind: WalEntryKind.File }) return false;
        using var handle = OpenHandle(path, Libc.ReadOnly | Libc.NoFollow);
        // Closing the handle lets go of it.
        return !TryLock(handle, Libc.LockShared, path);
    }

    private static bool TryLock(SafeFileHandle handle, int kind, string path)
    {
        while (Libc.Lock(handle, kind | Libc.LockNonBlocking) != 0)
        {
            if (Marshal.GetLastPInvokeError() == Libc.WouldBlock) return false;
            if (Marshal.GetLastPInvokeError() != Libc.Interrupted) throw PosixError.Last("lock", path);
        }
        return true;
    }

    internal static Libc.StatBuffer StatOf(string path, SafeFileHandle handle)
    {
        Libc.StatBuffer stat;
        if (Libc.Stat((int)handle.DangerousGetHandle(), "", EmptyPath, BasicStats, &stat) != 0) throw PosixError.Last("look at", path);
        return stat;
    }

    private static SafeFileHandle OpenHandle(string path, int flags)
    {
        // Without NonBlocking, opening a named pipe that somebody put in a file's place would wait for its other end.
        int descriptor;
        while ((descriptor = Libc.Open(path, flags | Libc.CloseOnExec | Libc.NonBlocking, OwnerOnly)) < 0)
            if (Marshal.GetLastPInvokeError() != Libc.Interrupted) throw PosixError.Last("open", path);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static string HolderIn(SafeFileHandle handle, string path)
    {
        Span<byte> text = stackalloc byte[256];
        var count = new PosixFile(handle, path).Read(0, text);
        var holder = Encoding.UTF8.GetString(text[..count]).Trim();
        return holder.Length == 0 ? "another process" : holder;
    }

    private static bool IsSameFile(string path, SafeFileHandle handle)
    {
        Libc.StatBuffer named;
        if (Libc.Stat(CurrentDirectory, path, NoFollowLinks, BasicStats, &named) != 0) return false;
        var held = StatOf(path, handle);
        return (held.Inode, held.DeviceMajor, held.DeviceMinor) == (named.Inode, named.DeviceMajor, named.DeviceMinor);
    }

    private static WalEntryKind KindOf(byte kind) => kind switch
    {
        Libc.DirectoryEntry.File => WalEntryKind.File,
        Libc.DirectoryEntry.Directory => WalEntryKind.Directory,
        _ => WalEntryKind.Other,
    };

    private static WalEntryKind KindOf(ushort mode) => (mode & 0xF000) switch
    {
        0x8000 => WalEntryKind.File,
        0x4000 => WalEntryKind.Directory,
        _ => WalEntryKind.Other,
    };
}
