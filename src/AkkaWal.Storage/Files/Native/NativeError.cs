namespace AkkaWal.Storage.Files.Native;

/// <summary>
/// Turns what the runtime's file API throws, and the error numbers of Windows and macOS, into
/// <see cref="WalIOException"/>. The numbers of Linux are classified by <see cref="Posix.Calls.PosixError"/>.
/// </summary>
internal static class NativeError
{
    private const int Win32Facility = unchecked((int)0x80070000), FacilityMask = unchecked((int)0xFFFF0000);

    /// <summary>
    /// Whether the runtime's file API throws this for a failure of the platform. For a file that is too large it throws
    /// an <see cref="ArgumentOutOfRangeException"/>.
    /// </summary>
    internal static bool IsOfPlatform(Exception e) =>
        e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentOutOfRangeException;

    /// <summary>A failure that the runtime's file API reported.</summary>
    internal static WalIOException Of(NativeCalls native, string operation, string path, Exception e) =>
        new(operation, path, CauseOf(native, e), e.Message, e);

    private static WalIOCause CauseOf(NativeCalls native, Exception e) => e switch
    {
        UnauthorizedAccessException => WalIOCause.NotPermitted,
        NotSupportedException => WalIOCause.NotSupported,
        ArgumentOutOfRangeException => WalIOCause.NoRoom,
        FileNotFoundException or DirectoryNotFoundException or PathTooLongException => WalIOCause.Other,
        _ => native.CauseOf(e.HResult),
    };

    /// <summary>The cause of an HRESULT of Windows.</summary>
    internal static WalIOCause OfHResult(int result) =>
        (result & FacilityMask) == Win32Facility ? OfWindows(result & 0xFFFF) : WalIOCause.Other;

    /// <summary>The cause of an error number of Windows (<c>GetLastError</c>).</summary>
    internal static WalIOCause OfWindows(int error) => error switch
    {
        // HANDLE_DISK_FULL, DISK_FULL, FILE_TOO_LARGE, DISK_QUOTA_EXCEEDED
        39 or 112 or 223 or 1295 => WalIOCause.NoRoom,
        // TOO_MANY_OPEN_FILES
        4 => WalIOCause.NoDescriptors,
        // NOT_ENOUGH_MEMORY, OUTOFMEMORY, NO_SYSTEM_RESOURCES, NONPAGED_SYSTEM_RESOURCES, PAGED_SYSTEM_RESOURCES,
        // WORKING_SET_QUOTA, COMMITMENT_LIMIT, NOT_ENOUGH_QUOTA
        8 or 14 or 1450 or 1451 or 1452 or 1453 or 1455 or 1816 => WalIOCause.NoMemory,
        // ACCESS_DENIED, PRIVILEGE_NOT_HELD
        5 or 1314 => WalIOCause.NotPermitted,
        // WRITE_PROTECT
        19 => WalIOCause.ReadOnlyFileSystem,
        // INVALID_FUNCTION, NOT_SUPPORTED, CALL_NOT_IMPLEMENTED
        1 or 50 or 120 => WalIOCause.NotSupported,
        _ => WalIOCause.Other,
    };

    /// <summary>The cause of an errno of macOS.</summary>
    internal static WalIOCause OfMac(int error) => error switch
    {
        // ENOSPC, EDQUOT, EFBIG
        28 or 69 or 27 => WalIOCause.NoRoom,
        // ENFILE, EMFILE
        23 or 24 => WalIOCause.NoDescriptors,
        // ENOMEM, ENOBUFS
        12 or 55 => WalIOCause.NoMemory,
        // EPERM, EACCES
        1 or 13 => WalIOCause.NotPermitted,
        // EROFS
        30 => WalIOCause.ReadOnlyFileSystem,
        // EINVAL, ENOTSUP, EOPNOTSUPP, ENOLCK, ENOSYS
        22 or 45 or 102 or 77 or 78 => WalIOCause.NotSupported,
        _ => WalIOCause.Other,
    };
}
