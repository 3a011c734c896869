using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using AkkaWal.Storage.Files.Posix;
using AkkaWal.Storage.Files.Posix.Calls;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Native;

/// <summary>macOS; and Linux, where only tests use it.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed unsafe class UnixCalls : NativeCalls
{
    private const UnixFileMode OwnerReads = UnixFileMode.UserRead, OwnerOnly = OwnerReads | UnixFileMode.UserWrite,
        OwnerOnlyDirectory = OwnerOnly | UnixFileMode.UserExecute;

    // Flags that differ between the two.
    private static readonly int CloseOnExec = IsMac ? 0x1000000 : Libc.CloseOnExec;
    private static readonly int NonBlocking = IsMac ? 0x4 : Libc.NonBlocking;
    private static readonly int NoFollow = IsMac ? 0x100 : Libc.NoFollow;
    private static readonly int DirectoryOnly = IsMac ? 0x100000 : Libc.DirectoryOnly;

    private static bool IsMac => OperatingSystem.IsMacOS();

    internal override string Weaknesses =>
        "a directory that is moved or replaced while it is open is noticed before the next step, not during it; "
        + "segments are not mapped into memory, and no room is allocated ahead";

    internal override bool IsLockFileBound => false;

    internal override WalIOCause CauseOf(int number) =>
        IsMac ? NativeError.OfMac(number) : PosixError.CauseOf(number);

    // Not through .NET: it locks each file that it opens, which an owner's lock on LOCK would refuse, and it would wait
    // for the other end of a named pipe.
    internal override SafeFileHandle Open(string path, bool isWritten) =>
        OpenHandle(path, (isWritten ? Libc.ReadWrite : Libc.ReadOnly) | NoFollow);

    internal override SafeFileHandle CreateNew(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0, UnixCreateMode = OwnerOnly,
        };
        try
        {
            new FileStream(path, options).Dispose();
        }
        catch (Exception e) when (NativeError.IsOfPlatform(e))
        {
            throw NativeError.Of(this, "open", path, e);
        }
        return Open(path, isWritten: true);
    }

    internal override SafeFileHandle OpenDirectory(string path) =>
        OpenHandle(path, Libc.ReadOnly | DirectoryOnly);

    internal override void CreateDirectory(string path)
    {
        try
        {
            Directory.CreateDirectory(path, OwnerOnlyDirectory);
        }
        catch (Exception e) when (NativeError.IsOfPlatform(e))
        {
            throw NativeError.Of(this, "create directory", path, e);
        }
    }

    internal override FileFacts? TryFactsOf(string path, bool followsLinks)
    {
        if (IsMac)
        {
            UnixLibc.MacStat stat;
            if (UnixLibc.Stat(path, followsLinks, &stat) == 0) return FactsOf(stat);
        }
        else
        {
            Libc.StatBuffer stat;
            using var place = PosixPlace.Of(path);
            var flags = followsLinks ? 0 : Libc.NoFollowLinks;
            if (Libc.StatAt(place.Directory, path, flags, Libc.StatsWithoutTimes | Libc.BirthTime, &stat) == 0)
                return FactsOf(stat);
        }
        return Marshal.GetLastPInvokeError() is Libc.NoEntry or Libc.NoDirectory ? null : throw Last("look at", path);
    }

    internal override FileFacts FactsOf(SafeFileHandle opened, string path)
    {
        if (!IsMac) return FactsOf(PosixCalls.StatOf(opened, path));
        UnixLibc.MacStat stat;
        return UnixLibc.Stat(opened, &stat) == 0 ? FactsOf(stat) : throw Last("look at", path);
    }

    internal override void Rename(string path, string newPath)
    {
        if (UnixLibc.Rename(path, newPath) != 0) throw Last($"rename {path} to", newPath);
    }

    internal override void Delete(string path)
    {
        if (UnixLibc.Delete(path) != 0) throw Last("delete", path);
    }

    internal override void DeleteDirectory(string path)
    {
        if (UnixLibc.DeleteDirectory(path) != 0) throw Last("delete directory", path);
    }

    internal override void MakeReadOnly(string path)
    {
        using var handle = Open(path, isWritten: false);
        try
        {
            File.SetUnixFileMode(handle, OwnerReads);
        }
        catch (Exception e) when (NativeError.IsOfPlatform(e))
        {
            throw NativeError.Of(this, "make read-only", path, e);
        }
    }

    internal override void Sync(SafeFileHandle file, string path) => Sync(file, "sync", path);

    internal override void SyncDirectory(string path)
    {
        using var handle = OpenDirectory(path);
        Sync(handle, "sync directory", path);
    }

    internal override SafeFileHandle? TryLockFile(string path)
    {
        if (TryFactsOf(path, followsLinks: false) is null) TryCreate(path);
        var handle = Open(path, isWritten: true);
        var isHeld = false;
        try
        {
            switch (Flock.Hold(handle, path, CauseOf))
            {
                case null:
                    var why = "its file system has no locks (flock), so that nothing would keep a second process from "
                        + "writing the log: put it on another one";
                    throw new WalIOException("lock", path, WalIOCause.NotSupported, why);
                case true:
                    isHeld = true;
                    return handle;
                default:
                    return null;
            }
        }
        finally
        {
            if (!isHeld) handle.Dispose();
        }
    }

    internal override bool? TryLockDirectory(SafeFileHandle directory, string path) =>
        Flock.Hold(directory, path, CauseOf);

    internal override bool IsFileLocked(string path) =>
        TryFactsOf(path, followsLinks: false) is { Kind: WalEntryKind.File }
        && Flock.IsHeld(Open(path, isWritten: false), path, CauseOf);

    internal override bool IsDirectoryLocked(string path) =>
        Flock.IsHeld(OpenDirectory(path), path, CauseOf);

    internal override void Unlock(SafeFileHandle locked) => Flock.Release(locked);

    private void TryCreate(string path)
    {
        try
        {
            CreateNew(path).Dispose();
        }
        catch (WalIOException) when (TryFactsOf(path, followsLinks: false) is not null)
        {
            // Another process was faster.
        }
    }

    private void Sync(SafeFileHandle handle, string operation, string path)
    {
        while ((IsMac ? UnixLibc.Control(handle, UnixLibc.FullSync) : Libc.Sync(handle)) < 0)
            if (Marshal.GetLastPInvokeError() != Libc.Interrupted) throw Last(operation, path);
    }

    private SafeFileHandle OpenHandle(string path, int flags)
    {
        int descriptor;
        while ((descriptor = UnixLibc.Open(path, flags | CloseOnExec | NonBlocking)) < 0)
            if (Marshal.GetLastPInvokeError() != Libc.Interrupted) throw Last("open", path);
        Descriptors.Note(descriptor);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private WalIOException Last(string operation, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new WalIOException(operation, path, CauseOf(error), Marshal.GetPInvokeErrorMessage(error));
    }

    private static FileFacts FactsOf(in Libc.StatBuffer stat) => new(
        new NativeFileId(((ulong)stat.DeviceMajor << 32) | stat.DeviceMinor, stat.Inode), PosixCalls.KindOf(stat.Mode),
        stat.LengthBytes, stat.LinkCount, stat.BornAtSeconds * 1_000_000_000 + stat.BornAtNanoseconds,
        IsPrivate(stat.UserId, stat.Mode));

    private static FileFacts FactsOf(in UnixLibc.MacStat stat) => new(
        new NativeFileId(stat.Device, stat.Inode), PosixCalls.KindOf(stat.Mode), stat.LengthBytes, stat.LinkCount,
        stat.BornAtSeconds * 1_000_000_000 + stat.BornAtNanoseconds, IsPrivate(stat.UserId, stat.Mode));

    private static bool IsPrivate(uint user, ushort mode) =>
        user == Libc.EffectiveUser() && (mode & 0xFFF) == (int)OwnerOnlyDirectory;
}
