using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace AkkaWal.Node.Output;

/// <summary>
/// Standard input, output or error of a Unix process, accessed by descriptor. The console's own stream hides that the
/// reader of a pipe is gone, and neither it nor a file stream waits where another process has made the descriptor
/// non-blocking.
/// </summary>
/// <remarks>
/// Where one of the three was closed at the start, the runtime has opened another file with its number. Such a file is
/// marked as not inherited, which identifies it. It is not read or written; the stream reports that it is closed.
/// </remarks>
[UnsupportedOSPlatform("windows")]
internal sealed unsafe partial class DescriptorStream(int descriptor) : Stream
{
    private const int GetDescriptorFlags = 1;
    private const int CloseOnExec = 1;
    private const int Interrupted = 4;
    private const short PollIn = 1;
    private const short PollOut = 4;

    private static readonly int WouldBlock = OperatingSystem.IsMacOS() ? 35 : 11;

    private readonly bool _isClosed = (Control(descriptor, GetDescriptorFlags) & CloseOnExec) != 0;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads what there is, or waits for the first bytes; 0 at the end.</summary>
    /// <exception cref="IOException">The descriptor can't be read.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_isClosed) throw new IOException("it was closed from the start");
        fixed (byte* bytes = buffer)
        {
            while (true)
            {
                var read = ReadBytes(descriptor, bytes, (nuint)buffer.Length);
                if (read >= 0) return (int)read;
                WaitOrThrow(PollIn);
            }
        }
    }

    /// <summary>Writes all of the bytes.</summary>
    /// <exception cref="IOException">Not all bytes could be written, for instance because there is no
    /// reader.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_isClosed) throw new IOException("it was closed from the start");
        fixed (byte* bytes = buffer)
        {
            var done = 0;
            while (done < buffer.Length)
            {
                var written = WriteBytes(descriptor, bytes + done, (nuint)(buffer.Length - done));
                if (written >= 0) done += (int)written;
                else WaitOrThrow(PollOut);
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void WaitOrThrow(short events)
    {
        var error = Marshal.GetLastPInvokeError();
        if (error == Interrupted) return;
        if (error != WouldBlock) throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);

        var wanted = new PollRequest { Descriptor = descriptor, Events = events };
        PollDescriptors(&wanted, 1, -1);
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadBytes(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteBytes(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int PollDescriptors(PollRequest* requests, nuint count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short ReturnedEvents;
    }
}
