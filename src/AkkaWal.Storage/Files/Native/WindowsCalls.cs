using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Native;

/// <summary>
/// Windows. Every file is opened so that it can be renamed and deleted meanwhile, as on Linux; the lock file is not.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WindowsCalls : NativeCalls
{
    // A virus scanner, an indexer or a reader of the MANIFEST has a file open for a moment. A name that can't be
    // changed for that reason is tried again for half a second.
    private const int NameTries = 50, NameTryMilliseconds = 10;

    // A process that only asks whether the lock is held has the file open for some microseconds; longer where it is not
    // scheduled. So a lock that nobody owns is tried again for a while.
    private const int LockTries = 5000, LockTryMilliseconds = 1;

    // From here on a path needs the prefix that lifts the limit of 260 characters (248 for a directory).
    private const int LongPath = 248;

    // 1970 in the units of Windows: steps of 100 nanoseconds since 1601.
    private const long UnixEpoch = 116_444_736_000_000_000;

    internal override string Weaknesses =>
        "there is no sync of a directory, so that a power cut may undo a name that was created, renamed or deleted "
        + "shortly before, in the order that the file system's journal keeps; files have the access rights of their "
        + "directory; a directory that is moved or replaced is noticed before the next step, not during it; "
        + "segments are not mapped into memory, and no room is allocated ahead";

    internal override bool IsLockFileBound => true;

    internal override WalIOCause CauseOf(int number) => NativeError.OfHResult(number);

    internal override SafeFileHandle Open(string path, bool isWritten) => OpenHandle(
        path, isWritten ? Kernel32.GenericRead | Kernel32.GenericWrite : Kernel32.GenericRead, Kernel32.ShareAll,
        Kernel32.OpenExisting, Kernel32.OpensLinks);

    internal override SafeFileHandle CreateNew(string path)
    {
        try
        {
            return File.OpenHandle(
                path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (NativeError.IsOfPlatform(e))
        {
            throw NativeError.Of(this, "open", path, e);
        }
    }

    internal override SafeFileHandle OpenDirectory(string path)
    {
        var handle = OpenHandle(
            path, Kernel32.ReadAttributes, Kernel32.ShareAll, Kernel32.OpenExisting, Kernel32.OpensDirectories);
        if (FactsOf(handle, path).Kind == WalEntryKind.Directory) return handle;
        handle.Dispose();
        throw new WalIOException("open", path, false, "it is no directory");
    }

    internal override void CreateDirectory(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (NativeError.IsOfPlatform(e))
        {
            throw NativeError.Of(this, "create directory", path, e);
        }
    }

    internal override FileFacts? TryFactsOf(string path, bool followsLinks)
    {
        using var opened = Kernel32.Open(
            Long(path), Kernel32.ReadAttributes, Kernel32.ShareAll, 0, Kernel32.OpenExisting,
            Kernel32.OpensDirectories | (followsLinks ? 0 : Kernel32.OpensLinks), 0);
        if (!opened.IsInvalid) return FactsOf(opened, path);
        return Marshal.GetLastPInvokeError() is Kernel32.FileNotFound or Kernel32.PathNotFound
            ? null
            : throw Last("look at", path);
    }

    internal override FileFacts FactsOf(SafeFileHandle opened, string path)
    {
        Kernel32.Information found;
        if (Kernel32.Stat(opened, &found) == 0) throw Last("look at", path);
        var isLink = false;
        if ((found.Attributes & Kernel32.ReparseAttribute) != 0)
        {
            // Files of a compressed or deduplicated volume are reparse points as well, and are files all the same.
            Kernel32.TagInformation tag;
            if (Kernel32.StatMore(opened, Kernel32.AttributeTag, &tag, (uint)sizeof(Kernel32.TagInformation)) == 0)
                throw Last("look at", path);
            isLink = (tag.Tag & Kernel32.NameSurrogate) != 0;
        }
        var kind = isLink ? WalEntryKind.Other
            : (found.Attributes & Kernel32.DirectoryAttribute) != 0 ? WalEntryKind.Directory : WalEntryKind.File;
        var number = Join(found.NumberHigh, found.NumberLow);
        var born = ((long)Join(found.CreatedHigh, found.CreatedLow) - UnixEpoch) * 100;
        return new FileFacts(
            new NativeFileId(found.Volume, number), kind, (long)Join(found.LengthHigh, found.LengthLow),
            found.LinkCount, born, IsPrivate: false);
    }

    // The first way does not replace a file that somebody has open. Some file systems lack the second.
    internal override void Rename(string path, string newPath) => ChangeName(
        () => Kernel32.Move(Long(path), Long(newPath), Kernel32.ReplaceExisting | Kernel32.WriteThrough) != 0,
        () => TryReplaceOpenFile(path, newPath), $"rename {path} to", newPath);

    internal override void Delete(string path) => ChangeName(
        () => Kernel32.Delete(Long(path)) != 0, static () => false, "delete", path);

    internal override void DeleteDirectory(string path) => ChangeName(
        () => Kernel32.DeleteDirectory(Long(path)) != 0, static () => false, "delete directory", path);

    internal override void MakeReadOnly(string path) => SetReadOnly(path, true);

    internal override void Sync(SafeFileHandle file, string path)
    {
        if (Kernel32.Flush(file) == 0) throw Last("sync", path);
    }

    // Windows has no such call. That the directory is there is checked, as everywhere.
    internal override void SyncDirectory(string path) => OpenDirectory(path).Dispose();

    internal override SafeFileHandle? TryLockFile(string path)
    {
        for (var tries = 1; ; tries++)
        {
            // Others may read it, to name the owner, and nobody may write or delete it.
            var handle = Kernel32.Open(
                Long(path), Kernel32.GenericRead | Kernel32.GenericWrite, Kernel32.ShareRead, 0, Kernel32.OpenAlways,
                Kernel32.OpensLinks, 0);
            if (!handle.IsInvalid) return handle;
            if (Marshal.GetLastPInvokeError() != Kernel32.SharingViolation) throw Last("open", path);
            if (tries == LockTries || IsFileLocked(path)) return null;
            Thread.Sleep(LockTryMilliseconds);
        }
    }

    // While the lock file is open, neither it nor its directory can be moved, removed or replaced.
    internal override bool? TryLockDirectory(SafeFileHandle directory, string path) => true;

    internal override bool IsFileLocked(string path)
    {
        // Refused while somebody has it open for writing, which only an owner does.
        using var looked = Kernel32.Open(
            Long(path), Kernel32.GenericRead, Kernel32.ShareRead | Kernel32.ShareDelete, 0, Kernel32.OpenExisting,
            Kernel32.OpensLinks, 0);
        if (!looked.IsInvalid) return false;
        return Marshal.GetLastPInvokeError() switch
        {
            Kernel32.SharingViolation => true,
            Kernel32.FileNotFound or Kernel32.PathNotFound => false,
            _ => throw Last("look at", path),
        };
    }

    internal override bool IsDirectoryLocked(string path) => false;

    internal override void Unlock(SafeFileHandle locked)
    {
    }

    private static ulong Join(uint high, uint low) => ((ulong)high << 32) | low;

    private void ChangeName(Func<bool> tryFirst, Func<bool> trySecond, string operation, string path)
    {
        for (var attempt = 1; !tryFirst(); attempt++)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error is not (Kernel32.AccessDenied or Kernel32.SharingViolation) || attempt == NameTries)
                throw Last(error, operation, path);
            // A read-only file can be neither deleted nor replaced. The owner of a log may do both.
            if (error == Kernel32.AccessDenied && attempt == 1 && TryMakeWritable(path)) continue;
            if (trySecond()) return;
            Thread.Sleep(NameTryMilliseconds);
        }
    }

    private static bool TryReplaceOpenFile(string path, string newPath)
    {
        using var opened = Kernel32.Open(
            Long(path), Kernel32.DeleteAccess, Kernel32.ShareAll, 0, Kernel32.OpenExisting,
            Kernel32.OpensDirectories | Kernel32.OpensLinks | Kernel32.WritesThrough, 0);
        if (opened.IsInvalid) return false;
        var name = MemoryMarshal.AsBytes(Long(newPath).AsSpan());
        var request = new byte[Kernel32.RenamedNameAt + name.Length + sizeof(char)];
        BitConverter.TryWriteBytes(request, Kernel32.ReplacesOpenFiles);
        BitConverter.TryWriteBytes(request.AsSpan(Kernel32.RenamedLengthAt), name.Length);
        name.CopyTo(request.AsSpan(Kernel32.RenamedNameAt));
        fixed (byte* start = request)
            return Kernel32.Change(opened, Kernel32.RenameMore, start, (uint)request.Length) != 0;
    }

    private bool TryMakeWritable(string path)
    {
        if (TryFactsOf(path, followsLinks: false) is not { Kind: WalEntryKind.File }) return false;
        return SetReadOnly(path, false);
    }

    private bool SetReadOnly(string path, bool isReadOnly)
    {
        try
        {
            var attributes = File.GetAttributes(path);
            var wanted = isReadOnly ? attributes | FileAttributes.ReadOnly : attributes & ~FileAttributes.ReadOnly;
            if (wanted == attributes) return false;
            File.SetAttributes(path, wanted);
            return true;
        }
        catch (Exception e) when (NativeError.IsOfPlatform(e))
        {
            throw NativeError.Of(this, isReadOnly ? "make read-only" : "make writable", path, e);
        }
    }

    private static SafeFileHandle OpenHandle(string path, uint access, uint share, uint disposition, uint flags)
    {
        var handle = Kernel32.Open(Long(path), access, share, 0, disposition, flags, 0);
        return handle.IsInvalid ? throw Last("open", path) : handle;
    }

    private static string Long(string path)
    {
        var whole = Path.GetFullPath(path);
        if (whole.Length < LongPath || whole.StartsWith(@"\\?\", StringComparison.Ordinal)) return whole;
        return whole.StartsWith(@"\\", StringComparison.Ordinal) ? @"\\?\UNC\" + whole[2..] : @"\\?\" + whole;
    }

    private static WalIOException Last(string operation, string path) =>
        Last(Marshal.GetLastPInvokeError(), operation, path);

    private static WalIOException Last(int error, string operation, string path) =>
        new(operation, path, NativeError.OfWindows(error), Marshal.GetPInvokeErrorMessage(error));
}
