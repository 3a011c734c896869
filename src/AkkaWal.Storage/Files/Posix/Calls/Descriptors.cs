namespace AkkaWal.Storage.Files.Posix.Calls;

/// <summary>
/// How many descriptors this process may have open, and whether most of them are in use. Unix gives out the lowest free
/// number, so a high number shows that many are open. Windows has no such limit.
/// </summary>
internal static unsafe class Descriptors
{
    // The usual limits of Linux and macOS, where the real one can't be read.
    private const long Usual = 1024, UsualOnMac = 256;

    // RLIMIT_NOFILE of getrlimit on macOS.
    private const int OpenFilesOnMac = 8;

    // Above this share of the limit, files that are kept open for later reads are closed.
    private const double ScarceShare = 0.75;

    private static readonly long ScarceAt = (long)(Limit * ScarceShare);

    private static int _last;

    /// <summary>The soft limit (RLIMIT_NOFILE), which the runtime raises to the hard one when it starts.</summary>
    internal static long Limit
    {
        get
        {
            if (OperatingSystem.IsWindows()) return long.MaxValue;
            var isMac = OperatingSystem.IsMacOS();
            Libc.ResourceLimit limit;
            return Libc.GetLimit(isMac ? OpenFilesOnMac : Libc.OpenFiles, &limit) == 0
                ? (long)Math.Min(limit.Soft, long.MaxValue)
                : isMac ? UsualOnMac : Usual;
        }
    }

    /// <summary>Whether most descriptors are in use, by the number of the last one that was opened.</summary>
    internal static bool AreScarce => Volatile.Read(ref _last) >= ScarceAt;

    /// <summary>Notes the descriptor of a file that was opened.</summary>
    internal static void Note(int descriptor) => Volatile.Write(ref _last, descriptor);
}
