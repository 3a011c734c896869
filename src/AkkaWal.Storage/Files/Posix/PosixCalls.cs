using System.Runtime.InteropServices;
using AkkaWal.Storage.Files.Posix.Calls;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>
/// System calls about a name in a directory. Failures are thrown as <see cref="WalIOException"/>.
/// </summary>
internal static unsafe class PosixCalls
{
    internal const uint OwnerOnlyDirectory = 0b111_000_000;
    private const uint OwnerOnly = 0b110_000_000, OwnerReads = 0b100_000_000;

    internal static IWalFile Open(in PosixPlace place, FileAccessMode mode)
    {
        var flags = mode switch
        {
            FileAccessMode.Read or FileAccessMode.ReadMapped => Libc.ReadOnly,
            FileAccessMode.ReadWrite => Libc.ReadWrite,
            FileAccessMode.CreateNew => Libc.ReadWrite | Libc.Create | Libc.Exclusive,
            FileAccessMode.CreateOrTruncate => Libc.ReadWrite | Libc.Create,
            _ => throw new ArgumentOutOfRangeException(nameof(mode)),
        };
        var handle = OpenHandle(place, flags | Libc.NoFollow);
        try
        {
            var stat = StatOf(handle, place.Path);
            PlainFiles.ThrowIfNotPlain(KindOf(stat.Mode), place.Path);
            if (mode == FileAccessMode.ReadMapped
                && MappedFile.TryMap(handle, place.Path, stat.LengthBytes) is { } mapped)
            {
                return mapped;
            }
            if (mode == FileAccessMode.ReadWrite) PlainFiles.ThrowIfShared(stat.LinkCount, place.Path);
            if (mode != FileAccessMode.CreateOrTruncate || stat.LengthBytes == 0)
                return new PosixFile(handle, place);
            // A file with a second name is not emptied; the name is given to a new file instead.
            if (stat.LinkCount > 1)
            {
                Delete(place);
                handle.Dispose();
                return Open(place, FileAccessMode.CreateNew);
            }
            var file = new PosixFile(handle, place);
            file.SetLength(0);
            return file;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    internal static WalDirectoryEntry? Stat(in PosixPlace place)
    {
        Libc.StatBuffer stat;
        if (Libc.StatAt(place.Directory, place.Name, Libc.NoFollowLinks, Libc.StatsWithoutTimes, &stat) == 0)
        {
            var (kind, name) = (KindOf(stat.Mode), Path.GetFileName(place.Path));
            return new WalDirectoryEntry(name, kind, kind == WalEntryKind.File ? stat.LengthBytes : 0);
        }
        if (Marshal.GetLastPInvokeError() == Libc.NoEntry) return null;
        throw PosixError.Last("look at", place.Path);
    }

    /// <summary>The identity of what a name stands for; null where nothing has the name.</summary>
    internal static FileId? TryIdOf(in PosixPlace place, int flags)
    {
        Libc.StatBuffer stat;
        if (Libc.StatAt(place.Directory, place.Name, flags, Libc.StatsWithoutTimes, &stat) == 0) return FileId.Of(stat);
        if (Marshal.GetLastPInvokeError() is Libc.NoEntry or Libc.NoDirectory or Libc.TooManyLinks) return null;
        throw PosixError.Last("look at", place.Path);
    }

    internal static IReadOnlyList<WalDirectoryEntry> List(in PosixPlace directory)
    {
        // .NET's enumeration asks the platform about every file. The directory itself tells the kind of each name.
        using var handle = OpenDirectory(directory, followsLinks: true);
        var stream = Libc.ReadDirectoryOf((int)handle.DangerousGetHandle());
        if (stream == 0) throw PosixError.Last("list", directory.Path);
        try
        {
            var entries = new List<WalDirectoryEntry>();
            while (true)
            {
                var entry = Libc.ReadDirectory(stream);
                if (entry is null)
                    return Marshal.GetLastPInvokeError() == 0 ? entries : throw PosixError.Last("list", directory.Path);
                var name = Marshal.PtrToStringUTF8((nint)(&entry->FirstOfName))!;
                if (name is "." or "..") continue;
                if (entry->Kind != Libc.DirectoryEntry.Unknown)
                    entries.Add(new WalDirectoryEntry(name, KindOf(entry->Kind), 0));
                else if (Stat(new PosixPlace(handle, name, Path.Combine(directory.Path, name))) is { } stat)
                    entries.Add(stat with { LengthBytes = 0 });
            }
        }
        finally
        {
            // The stream has taken the descriptor over and closes it.
            handle.SetHandleAsInvalid();
            _ = Libc.CloseDirectory(stream);
        }
    }

    /// <returns>Why it was not created; null where it was, and its parent must still be synced.</returns>
    internal static WalIOException? TryMakeDirectory(in PosixPlace place)
    {
        if (Libc.MakeDirectoryAt(place.Directory, place.Name, OwnerOnlyDirectory) == 0) return null;
        var error = Marshal.GetLastPInvokeError();
        var failure = PosixError.Last("create directory", place.Path);
        // File systems that take no directories fail with one of these two: /proc with the first, /sys with the second.
        if (error is not (Libc.NoEntry or Libc.NotPermitted)) return failure;
        var parent = Path.GetDirectoryName(place.Path);
        var message = Marshal.GetPInvokeErrorMessage(error);
        var reason = $"{parent} takes no directories, or is gone: choose another place ({message})";
        return new WalIOException("create directory", place.Path, failure.Cause, reason, failure);
    }

    internal static void Rename(in PosixPlace from, in PosixPlace to)
    {
        if (Libc.RenameAt(from.Directory, from.Name, to.Directory, to.Name) != 0)
            throw PosixError.Last($"rename {from.Path} to", to.Path);
    }

    internal static void Link(in PosixPlace from, in PosixPlace to)
    {
        if (Libc.LinkAt(from.Directory, from.Name, to.Directory, to.Name, 0) != 0)
            throw PosixError.Last($"link {from.Path} to", to.Path);
    }

    internal static void Delete(in PosixPlace place)
    {
        if (Libc.UnlinkAt(place.Directory, place.Name, 0) != 0) throw PosixError.Last("delete", place.Path);
    }

    internal static void DeleteDirectory(in PosixPlace place)
    {
        if (Libc.UnlinkAt(place.Directory, place.Name, Libc.RemoveDirectory) != 0)
            throw PosixError.Last("delete directory", place.Path);
    }

    internal static void MakeReadOnly(in PosixPlace place)
    {
        using var handle = OpenHandle(place, Libc.ReadOnly | Libc.NoFollow);
        if (Libc.ChangeMode(handle, OwnerReads) != 0) throw PosixError.Last("make read-only", place.Path);
    }

    internal static void SyncDirectory(in PosixPlace directory)
    {
        using var handle = OpenDirectory(directory, followsLinks: true);
        Sync(handle, directory.Path);
    }

    internal static void Sync(SafeFileHandle directory, string path)
    {
        while (Libc.Sync(directory) != 0)
        {
            if (Marshal.GetLastPInvokeError() == Libc.Interrupted) continue;
            throw PosixError.Last("sync directory", path);
        }
    }

    internal static SafeFileHandle OpenDirectory(in PosixPlace place, bool followsLinks) =>
        OpenHandle(place, Libc.ReadOnly | Libc.DirectoryOnly | (followsLinks ? 0 : Libc.NoFollow));

    internal static SafeFileHandle OpenHandle(in PosixPlace place, int flags)
    {
        // Without NonBlocking, opening a named pipe in a file's place would wait for the pipe's other end.
        flags |= Libc.CloseOnExec | Libc.NonBlocking;
        int descriptor;
        while ((descriptor = Libc.OpenAt(place.Directory, place.Name, flags, OwnerOnly)) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Libc.Interrupted) throw PosixError.Last("open", place.Path);
        }
        Descriptors.Note(descriptor);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    internal static Libc.StatBuffer StatOf(SafeFileHandle handle, string path)
    {
        Libc.StatBuffer stat;
        if (Libc.StatAt(handle, "", Libc.EmptyPath, Libc.StatsWithoutTimes | Libc.BirthTime, &stat) != 0)
            throw PosixError.Last("look at", path);
        return stat;
    }

    private static WalEntryKind KindOf(byte kind) => kind switch
    {
        Libc.DirectoryEntry.File => WalEntryKind.File,
        Libc.DirectoryEntry.Directory => WalEntryKind.Directory,
        _ => WalEntryKind.Other,
    };

    internal static WalEntryKind KindOf(ushort mode) => (mode & 0xF000) switch
    {
        0x8000 => WalEntryKind.File,
        0x4000 => WalEntryKind.Directory,
        _ => WalEntryKind.Other,
    };
}
