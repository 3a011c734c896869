using System.Diagnostics;

namespace AkkaWal.Crash.Tests.RealFiles;

/// <summary>The requirements of tests on real files. Checked once, when tests are discovered.</summary>
internal static class LinuxTools
{
    private static readonly Lazy<string?> StraceProblem = new(FindStraceProblem);
    private static readonly Lazy<string?> TmpfsProblem = new(FindTmpfsProblem);

    /// <summary>Why strace can't be used here; null where it can.</summary>
    public static string? WhyNoStrace => StraceProblem.Value;

    /// <summary>Why no tmpfs can be mounted here; null where one can.</summary>
    public static string? WhyNoTmpfs => TmpfsProblem.Value;

    /// <summary>Runs a program to its end; its exit status, or -1 where it can't be started.</summary>
    public static int Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments)
                {
                    RedirectStandardOutput = true, RedirectStandardError = true,
                })!;
            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }

    private static string? FindStraceProblem()
    {
        if (!OperatingSystem.IsLinux())
            return "skipped: strace is a Linux tool";
        if (Run("strace", "-V") != 0)
        {
            if (!Environment.IsPrivilegedProcess)
                return "skipped: strace is not installed, and installing it takes root: apt-get install strace";
            if (Run("apt-get", "install", "-y", "-q", "strace") != 0
                && (Run("apt-get", "update") != 0 || Run("apt-get", "install", "-y", "-q", "strace") != 0))
                return "skipped: strace is not installed, and apt-get could not install it";
        }

        return Run("strace", "-o", "/dev/null", "-e", "inject=fsync:error=EIO:when=1", "true") == 0
            ? null
            : "skipped: strace may not trace here (ptrace is not allowed, or it is too old for inject)";
    }

    private static string? FindTmpfsProblem()
    {
        if (!OperatingSystem.IsLinux())
            return "skipped: tmpfs is Linux's";
        if (!Environment.IsPrivilegedProcess)
            return "skipped: mounting a tmpfs takes root";
        var probe = Directory.CreateTempSubdirectory("akkawal-tmpfs-").FullName;
        var canMount = Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", probe) == 0;
        if (canMount)
            Run("umount", probe);
        Directory.Delete(probe);
        return canMount ? null : "skipped: this machine does not let root mount a tmpfs";
    }
}

/// <summary>A test that needs strace; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class StraceTheoryAttribute : TheoryAttribute
{
    public StraceTheoryAttribute() => Skip = LinuxTools.WhyNoStrace;
}

/// <summary>A test that needs to mount a tmpfs; skipped, with the reason, where it can't.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TmpfsFactAttribute : FactAttribute
{
    public TmpfsFactAttribute() => Skip = LinuxTools.WhyNoTmpfs;
}
