using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Native;

/// <summary>The calls of Windows on which durability and ownership depend.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class Kernel32
{
    internal const uint ReadAttributes = 0x80, DeleteAccess = 0x10000;
    internal const uint GenericRead = 0x80000000, GenericWrite = 0x40000000;
    internal const uint ShareRead = 1, ShareWrite = 2, ShareDelete = 4, ShareAll = 7;
    internal const uint OpenExisting = 3, OpenAlways = 4;

    // FILE_FLAG_BACKUP_SEMANTICS lets a directory be opened, FILE_FLAG_OPEN_REPARSE_POINT opens a link itself.
    internal const uint OpensDirectories = 0x02000000, OpensLinks = 0x00200000;

    // FILE_FLAG_WRITE_THROUGH: a rename through the handle is on the disk when it returns.
    internal const uint WritesThrough = 0x80000000;

    // MOVEFILE_REPLACE_EXISTING, MOVEFILE_WRITE_THROUGH. Without MOVEFILE_COPY_ALLOWED nothing is copied.
    internal const uint ReplaceExisting = 1, WriteThrough = 8;

    internal const int FileNotFound = 2, PathNotFound = 3, AccessDenied = 5, SharingViolation = 32;
    internal const uint DirectoryAttribute = 0x10, ReparseAttribute = 0x400;

    // FileAttributeTagInfo of GetFileInformationByHandleEx; the bit of a tag that stands for another file.
    internal const int AttributeTag = 9;
    internal const uint NameSurrogate = 0x20000000;

    // FileRenameInfoEx of SetFileInformationByHandle. FILE_RENAME_FLAG_REPLACE_IF_EXISTS, _POSIX_SEMANTICS and
    // _IGNORE_READONLY_ATTRIBUTE. Where the name stands in FILE_RENAME_INFO, and where its length does.
    internal const int RenameMore = 22;
    internal const uint ReplacesOpenFiles = 0x43;
    internal const int RenamedNameAt = 20, RenamedLengthAt = 16;

    [LibraryImport(
        "kernel32", EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    internal static partial SafeFileHandle Open(
        string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [LibraryImport("kernel32", EntryPoint = "FlushFileBuffers", SetLastError = true)]
    internal static partial int Flush(SafeFileHandle file);

    [LibraryImport(
        "kernel32", EntryPoint = "MoveFileExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    internal static partial int Move(string path, string newPath, uint flags);

    [LibraryImport(
        "kernel32", EntryPoint = "DeleteFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    internal static partial int Delete(string path);

    [LibraryImport(
        "kernel32", EntryPoint = "RemoveDirectoryW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    internal static partial int DeleteDirectory(string path);

    [LibraryImport("kernel32", EntryPoint = "GetFileInformationByHandle", SetLastError = true)]
    internal static partial int Stat(SafeFileHandle opened, Information* result);

    [LibraryImport("kernel32", EntryPoint = "GetFileInformationByHandleEx", SetLastError = true)]
    internal static partial int StatMore(SafeFileHandle opened, int kind, void* result, uint size);

    [LibraryImport("kernel32", EntryPoint = "SetFileInformationByHandle", SetLastError = true)]
    internal static partial int Change(SafeFileHandle opened, int kind, void* value, uint size);

    /// <summary>Windows' BY_HANDLE_FILE_INFORMATION.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 52)]
    internal struct Information
    {
        [FieldOffset(0)] internal uint Attributes;
        [FieldOffset(4)] internal uint CreatedLow;
        [FieldOffset(8)] internal uint CreatedHigh;
        [FieldOffset(28)] internal uint Volume;
        [FieldOffset(32)] internal uint LengthHigh;
        [FieldOffset(36)] internal uint LengthLow;
        [FieldOffset(40)] internal uint LinkCount;
        [FieldOffset(44)] internal uint NumberHigh;
        [FieldOffset(48)] internal uint NumberLow;
    }

    /// <summary>Windows' FILE_ATTRIBUTE_TAG_INFO.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TagInformation
    {
        internal uint Attributes;
        internal uint Tag;
    }
}
