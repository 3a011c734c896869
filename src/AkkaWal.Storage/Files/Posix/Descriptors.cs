using System.Runtime.InteropServices;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>
/// How many descriptors this process may have, and whether most of them are taken. Linux gives out the lowest number that is free: one that
/// is high says how many are open.
/// </summary>
internal static unsafe class Descriptors
{
    // What Linux gives a process where nobody says otherwise.
    private const long Usual = 1024;

    // Above this share of the limit whoever keeps files open for later lets go of some.
    private const double ScarceShare = 0.75;

    private static readonly long s_scarceAt = (long)(Limit * ScarceShare);

    private static int s_last;

    /// <summary>The soft limit (RLIMIT_NOFILE), which the runtime raises to the hard one when it starts.</summary>
    internal static long Limit
    {
        get
        {
            Libc.ResourceLimit limit;
            if (!OperatingSystem.IsLinux() || Libc.GetLimit(Libc.OpenFiles, &limit) != 0) return Usual;
            return (long)Math.Min(limit.Soft, long.MaxValue);
        }
    }

    /// <summary>Whether most of them are taken, as far as the last file that was opened tells.</summary>
    internal static bool AreScarce => Volatile.Read(ref s_last) >= s_scarceAt;

    /// <summary>A file was opened.</summary>
    internal static void Note(int descriptor) => Volatile.Write(ref s_last, descriptor);
}
