using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix.Calls;

/// <summary>
/// The system calls on which durability depends. They are called directly, because .NET's wrappers hide a failing
/// fsync, can't open a directory, and lock files in their own way. The values are those of Linux on x86-64 and arm64.
/// </summary>
internal static unsafe partial class Libc
{
    internal const int ReadOnly = 0, ReadWrite = 2, Create = 0x40, Exclusive = 0x80;
    internal const int CloseOnExec = 0x80000, NonBlocking = 0x800;
    internal const int LockShared = 1, LockExclusive = 2, LockNonBlocking = 4, Unlock = 8;
    internal const int Interrupted = 4, WouldBlock = 11, NoSpace = 28, QuotaExceeded = 122, NoEntry = 2;
    internal const int NotPermitted = 1, AccessDenied = 13, ReadOnlyFileSystem = 30;
    internal const int NoDirectory = 20, TooManyLinks = 40;
    internal const int NoMemory = 12, TooManyOpenFilesInSystem = 23, TooManyOpenFiles = 24, FileTooLarge = 27;
    internal const int NoBuffers = 105;
    internal const int BadDescriptor = 9, Invalid = 22, NoLocks = 37, NoSuchCall = 38, NotSupported = 95;

    // AT_FDCWD of openat. Absolute paths are resolved from the root, so the directory does not matter.
    internal const int Anywhere = -100;

    // AT_REMOVEDIR of unlinkat; AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH and the masks of statx.
    internal const int RemoveDirectory = 0x200, NoFollowLinks = 0x100, EmptyPath = 0x1000;
    internal const uint BirthTime = 0x800;

    // STATX_BASIC_STATS of statx without the three times. Where a file's times were asked for, a Linux with
    // fine-grained times (6.13 and later) records a new time at the next write, and the sync behind it takes half as
    // long again.
    internal const uint StatsWithoutTimes = 0x71f;

    // STATX_ATTR_MOUNT_ROOT of statx: a file system, or another part of this one, is mounted there.
    internal const ulong MountRoot = 0x2000;

    // RLIMIT_NOFILE of getrlimit.
    internal const int OpenFiles = 7;

    // SYNC_FILE_RANGE_WRITE of sync_file_range: starts the write-back and waits for nothing.
    internal const uint StartOnly = 2;

    // FALLOC_FL_KEEP_SIZE of fallocate: the file's length stays.
    internal const int KeepLength = 1;

    // These two flags differ between the two architectures.
    internal static readonly int NoFollow = IsArm ? 0x8000 : 0x20000;
    internal static readonly int DirectoryOnly = IsArm ? 0x4000 : 0x10000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OpenAt(SafeFileHandle directory, string name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    internal static partial nint Read(SafeFileHandle file, byte* buffer, nuint count, long position);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint Write(SafeFileHandle file, byte* buffer, nuint count, long position);

    [LibraryImport("libc", EntryPoint = "pwritev", SetLastError = true)]
    internal static partial nint WriteGathered(SafeFileHandle file, IoVector* vectors, int count, long position);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int SetLength(SafeFileHandle file, long length);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    internal static partial int SyncData(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    internal static partial int BeginWriteOut(SafeFileHandle file, long position, long count, uint flags);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    internal static partial int Allocate(SafeFileHandle file, int mode, long position, long count);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int Lock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    internal static partial int ChangeMode(SafeFileHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int RenameAt(SafeFileHandle from, string name, SafeFileHandle to, string newName);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int LinkAt(
        SafeFileHandle from, string name, SafeFileHandle to, string newName, int flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int UnlinkAt(SafeFileHandle directory, string name, int flags);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MakeDirectoryAt(SafeFileHandle directory, string name, uint mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int StatAt(SafeFileHandle directory, string name, int flags, uint mask, StatBuffer* result);

    // For frequent calls: the path is bytes that end with a zero, and errno is not kept.
    [LibraryImport("libc", EntryPoint = "statx")]
    internal static partial int TryStat(SafeFileHandle directory, byte* path, int flags, uint mask, StatBuffer* result);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    internal static partial int GetLimit(int resource, ResourceLimit* limit);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUser();

    // The returned stream takes the descriptor over.
    [LibraryImport("libc", EntryPoint = "fdopendir", SetLastError = true)]
    internal static partial nint ReadDirectoryOf(int descriptor);

    [LibraryImport("libc", EntryPoint = "readdir", SetLastError = true)]
    internal static partial DirectoryEntry* ReadDirectory(nint directory);

    [LibraryImport("libc", EntryPoint = "closedir")]
    internal static partial int CloseDirectory(nint directory);

    /// <summary>The C library's struct dirent on 64-bit Linux. The name ends with a zero.</summary>
    [StructLayout(LayoutKind.Explicit)]
    internal struct DirectoryEntry
    {
        internal const byte Unknown = 0, Directory = 4, File = 8;

        [FieldOffset(18)] internal byte Kind;
        [FieldOffset(19)] internal byte FirstOfName;
    }

    /// <summary>The C library's struct rlimit on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ResourceLimit
    {
        internal ulong Soft;
        internal ulong Hard;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVector
    {
        internal byte* Start;
        internal nuint Count;
    }

    /// <summary>
    /// The fields of the kernel's struct statx that are read here. It is the same on every architecture.
    /// </summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct StatBuffer
    {
        [FieldOffset(8)] internal ulong Attributes;
        [FieldOffset(16)] internal uint LinkCount;
        [FieldOffset(20)] internal uint UserId;
        [FieldOffset(28)] internal ushort Mode;
        [FieldOffset(32)] internal ulong Inode;
        [FieldOffset(40)] internal long LengthBytes;
        [FieldOffset(80)] internal long BornAtSeconds;
        [FieldOffset(88)] internal uint BornAtNanoseconds;
        [FieldOffset(136)] internal uint DeviceMajor;
        [FieldOffset(140)] internal uint DeviceMinor;
    }
}
