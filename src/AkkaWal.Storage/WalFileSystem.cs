using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Portable;
using AkkaWal.Storage.Files.Posix;
using AkkaWal.Storage.Files.Posix.Calls;

namespace AkkaWal.Storage;

/// <summary>The file system of this machine.</summary>
public static class WalFileSystem
{
    // For the tests of the portable file system, which run on Linux: CONTRIBUTING.md.
    private const string TestVariable = "AKKAWAL_TEST_FILES", Portable = "portable";

    private static readonly Lazy<IWalFileSystem> Chosen = new(Choose);

    /// <summary>
    /// The file system of a log to which none is given. On Linux it keeps every promise of the log. On Windows and
    /// macOS it is a portable one, which promises less; the first log that is opened for writing notes what. One
    /// instance serves all logs, from any thread.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">
    /// The platform is another one. Its sync calls have not been shown to be safe.
    /// </exception>
    public static IWalFileSystem Default => Chosen.Value;

    /// <summary>
    /// How many files this process may have open: the soft limit of RLIMIT_NOFILE; <see cref="long.MaxValue"/> on
    /// Windows, which has none.
    /// </summary>
    public static long DescriptorLimit => Descriptors.Limit;

    /// <summary>Notes once in a process what a file system can't promise that is not made for this machine.</summary>
    internal static void NoteWeaknesses(IWalFileSystem files, Action<string> note) =>
        (files as PortableFileSystem)?.NoteOnce(note);

    private static IWalFileSystem Choose()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable(TestVariable) != Portable)
            return PosixFileSystem.Instance;
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())
            return PortableFileSystem.Instance;
        throw new PlatformNotSupportedException(
            "AkkaWal runs on Linux, Windows and macOS: elsewhere it does not know how to make a sync reach the disk");
    }
}
