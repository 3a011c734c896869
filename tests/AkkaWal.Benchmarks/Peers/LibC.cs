using System.ComponentModel;
using System.Runtime.InteropServices;

namespace AkkaWal.Benchmarks.Peers;

/// <summary>The bare system calls, with a plain descriptor: nothing can be cheaper from .NET.</summary>
internal static unsafe partial class LibC
{
    private const int ReadWrite = 2, Create = 0x40;

    // An upper bound for the size of struct stat, which depends on the architecture.
    private const int StatBytes = 256;

    internal static int OpenFile(string path) => Check(Open(path, ReadWrite | Create, 0b110_000_000), path);

    internal static void WriteAll(int file, ReadOnlySpan<byte> bytes, long position)
    {
        fixed (byte* start = bytes)
            for (var done = 0; done < bytes.Length;)
                done += (int)Check(Write(file, start + done, (nuint)(bytes.Length - done), position + done), "pwrite");
    }

    internal static int ReadSome(int file, Span<byte> bytes, long position)
    {
        fixed (byte* start = bytes) return (int)Check(Read(file, start, (nuint)bytes.Length, position), "pread");
    }

    internal static void SyncData(int file) => Check(DataSync(file), "fdatasync");

    internal static void Stat(int file)
    {
        var buffer = stackalloc byte[StatBytes];
        Check(StatOf(file, buffer), "fstat");
    }

    internal static void CloseFile(int file) => _ = Close(file);

    private static T Check<T>(T result, string what) where T : System.Numerics.IBinaryInteger<T> =>
        T.IsNegative(result) ? throw new Win32Exception(Marshal.GetLastPInvokeError(), what) : result;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint Read(int file, byte* buffer, nuint count, long position);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint Write(int file, byte* buffer, nuint count, long position);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int DataSync(int file);

    [LibraryImport("libc", EntryPoint = "fstat", SetLastError = true)]
    private static partial int StatOf(int file, byte* buffer);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int file);
}
