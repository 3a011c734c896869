using System.ComponentModel;
using System.Runtime.InteropServices;

namespace AkkaWal.Cluster.Example.Processes;

/// <summary>Sends signals to processes. .NET has no method for that.</summary>
internal static partial class Signals
{
    internal const int Terminate = 15, Continue = 18, Stop = 19;

    internal static void Send(int process, int signal)
    {
        if (Kill(process, signal) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
