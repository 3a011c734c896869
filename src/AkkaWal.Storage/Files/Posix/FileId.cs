using AkkaWal.Storage.Files.Posix.Calls;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>The identity of a file or directory on this machine. Unique as long as it is open.</summary>
internal readonly record struct FileId(ulong Inode, uint DeviceMajor, uint DeviceMinor)
{
    internal static FileId Of(in Libc.StatBuffer stat) => new(stat.Inode, stat.DeviceMajor, stat.DeviceMinor);

    internal static FileId Of(SafeFileHandle handle, string path) => Of(PosixCalls.StatOf(handle, path));
}
