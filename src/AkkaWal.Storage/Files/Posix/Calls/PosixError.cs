using System.Runtime.InteropServices;

namespace AkkaWal.Storage.Files.Posix.Calls;

/// <summary>Turns errno into <see cref="WalIOException"/>.</summary>
internal static class PosixError
{
    /// <summary>The error of the last call to the platform. No other call may come in between.</summary>
    internal static WalIOException Last(string operation, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new WalIOException(operation, path, CauseOf(error), Marshal.GetPInvokeErrorMessage(error));
    }

    /// <summary>The cause of an errno. No other code decides by errno what a failure means for the log.</summary>
    internal static WalIOCause CauseOf(int error) => error switch
    {
        Libc.NoSpace or Libc.QuotaExceeded or Libc.FileTooLarge => WalIOCause.NoRoom,
        Libc.TooManyOpenFiles or Libc.TooManyOpenFilesInSystem => WalIOCause.NoDescriptors,
        Libc.NoMemory or Libc.NoBuffers => WalIOCause.NoMemory,
        Libc.AccessDenied or Libc.NotPermitted => WalIOCause.NotPermitted,
        Libc.ReadOnlyFileSystem => WalIOCause.ReadOnlyFileSystem,
        Libc.Invalid or Libc.NotSupported or Libc.NoSuchCall or Libc.NoLocks => WalIOCause.NotSupported,
        _ => WalIOCause.Other,
    };
}
