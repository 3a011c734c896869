using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Cluster.Tests.Processes.Running;

/// <summary>
/// Releases the locks of a process, as a shared file system does when its client does not answer. The process is not
/// told, and its files stay open.
/// </summary>
internal static partial class LostLocks
{
    private const int PidfdOpen = 434, PidfdGetfd = 438, Unlock = 8;

    private static readonly Lazy<string?> Problem = new(FindProblem);

    /// <summary>Why this machine can't do that; null if it can.</summary>
    internal static string? WhyNone => Problem.Value;

    /// <summary>Releases all locks on files and directories below a directory.</summary>
    /// <returns>How many open files there were.</returns>
    internal static int Release(int process, string directory)
    {
        using var handle = Owned(SystemCall(PidfdOpen, process, 0, 0));
        var count = 0;
        foreach (var link in Directory.GetFileSystemEntries($"/proc/{process}/fd"))
        {
            if (new FileInfo(link).LinkTarget?.StartsWith(directory, StringComparison.Ordinal) != true) continue;
            var number = int.Parse(Path.GetFileName(link), CultureInfo.InvariantCulture);
            // It is the open file of the other process, and so has its lock.
            using var file = Owned(SystemCall(PidfdGetfd, handle.DangerousGetHandle(), number, 0));
            if (Flock(file, Unlock) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
            count++;
        }
        return count;
    }

    private static string? FindProblem()
    {
        if (!OperatingSystem.IsLinux()) return "skipped: only Linux can take a file from another process";
        try
        {
            Release(Environment.ProcessId, "/nowhere");
            using var self = File.OpenRead("/proc/self/stat");
            using var handle = Owned(SystemCall(PidfdOpen, Environment.ProcessId, 0, 0));
            var number = self.SafeFileHandle.DangerousGetHandle();
            Owned(SystemCall(PidfdGetfd, handle.DangerousGetHandle(), number, 0)).Dispose();
            return null;
        }
        catch (Win32Exception e)
        {
            return $"skipped: this machine does not let a process take a file from another: {e.Message}";
        }
    }

    private static SafeFileHandle Owned(nint descriptor) => descriptor >= 0
        ? new SafeFileHandle(descriptor, ownsHandle: true)
        : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle file, int operation);
}

/// <summary>A test that needs <see cref="LostLocks"/>. If that is impossible, it is skipped with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LostLocksFactAttribute : FactAttribute
{
    public LostLocksFactAttribute() => Skip = LostLocks.WhyNone;
}
