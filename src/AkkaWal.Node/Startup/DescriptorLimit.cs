using System.Runtime.InteropServices;

namespace AkkaWal.Node.Startup;

/// <summary>How many descriptors this process may have open: the soft limit, which the runtime raises to the hard one
/// when it starts.</summary>
internal static unsafe partial class DescriptorLimit
{
    // What Linux gives a process where nobody says otherwise.
    private const long Usual = 1024;
    private const int OpenFiles = 7;

    /// <summary>The limit of this process.</summary>
    public static long Current
    {
        get
        {
            Limits limits;
            return GetLimits(OpenFiles, &limits) == 0 ? (long)Math.Min(limits.Soft, long.MaxValue) : Usual;
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimits(int resource, Limits* limits);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limits
    {
        public ulong Soft;
        public ulong Hard;
    }
}
