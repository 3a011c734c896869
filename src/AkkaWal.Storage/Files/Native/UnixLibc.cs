using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Native;

/// <summary>
/// Calls of the C library that Linux and macOS share, and those of macOS. <c>open</c> is called without a mode: on
/// macOS on arm64 a C function with a variable number of arguments takes those elsewhere than a .NET import passes
/// them.
/// </summary>
internal static unsafe partial class UnixLibc
{
    // F_FULLFSYNC of fcntl on macOS: fsync, and the drive writes out its cache. fsync alone does not ask the drive.
    internal const int FullSync = 51;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Rename(string path, string newPath);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Delete(string path);

    [LibraryImport("libc", EntryPoint = "rmdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int DeleteDirectory(string path);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Control(SafeFileHandle file, int command);

    [LibraryImport("libc", EntryPoint = "stat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatOnArm(string path, MacStat* result);

    [LibraryImport("libc", EntryPoint = "lstat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatLinkOnArm(string path, MacStat* result);

    [LibraryImport("libc", EntryPoint = "fstat", SetLastError = true)]
    private static partial int StatOpenOnArm(SafeFileHandle opened, MacStat* result);

    [LibraryImport(
        "libc", EntryPoint = "stat$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatOnIntel(string path, MacStat* result);

    [LibraryImport(
        "libc", EntryPoint = "lstat$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatLinkOnIntel(string path, MacStat* result);

    [LibraryImport("libc", EntryPoint = "fstat$INODE64", SetLastError = true)]
    private static partial int StatOpenOnIntel(SafeFileHandle opened, MacStat* result);

    private static bool IsIntel => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>macOS: what a path stands for. Not 0 where that failed.</summary>
    internal static int Stat(string path, bool followsLinks, MacStat* result) => (IsIntel, followsLinks) switch
    {
        (true, true) => StatOnIntel(path, result),
        (true, false) => StatLinkOnIntel(path, result),
        (false, true) => StatOnArm(path, result),
        (false, false) => StatLinkOnArm(path, result),
    };

    /// <summary>macOS: what is open. Not 0 where that failed.</summary>
    internal static int Stat(SafeFileHandle opened, MacStat* result) =>
        IsIntel ? StatOpenOnIntel(opened, result) : StatOpenOnArm(opened, result);

    /// <summary>The fields of macOS's struct stat (64-bit inodes) that are read here.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 144)]
    internal struct MacStat
    {
        [FieldOffset(0)] internal uint Device;
        [FieldOffset(4)] internal ushort Mode;
        [FieldOffset(6)] internal ushort LinkCount;
        [FieldOffset(8)] internal ulong Inode;
        [FieldOffset(16)] internal uint UserId;
        [FieldOffset(80)] internal long BornAtSeconds;
        [FieldOffset(88)] internal long BornAtNanoseconds;
        [FieldOffset(96)] internal long LengthBytes;
    }
}
