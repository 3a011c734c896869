using System.Runtime.InteropServices;

namespace AkkaWal.Storage.IO;

/// <summary>Turns errno into the log's own error.</summary>
internal static class PosixError
{
    internal static WalIOException Last(string operation, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new WalIOException(operation, path, error is Libc.NoSpace or Libc.QuotaExceeded, Marshal.GetPInvokeErrorMessage(error))
        {
            IsAccessDenied = error is Libc.AccessDenied or Libc.NotPermitted or Libc.ReadOnlyFileSystem,
        };
    }
}
