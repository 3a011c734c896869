using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace AkkaWal.Node.Output;

/// <summary>
/// Standard input, output or error of a Windows process. The console's own stream hides that the reader of a pipe is
/// gone, so a stream that is redirected is read and written by its handle.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe partial class WindowsStream(int number) : Stream
{
    // STD_INPUT_HANDLE of GetStdHandle; those of the other two are the next lower numbers.
    private const int StandardInput = -10;

    // ERROR_BROKEN_PIPE and ERROR_NO_DATA: the other end is gone.
    private const int BrokenPipe = 109, PipeIsClosing = 232;

    // A write of more bytes could be refused for want of memory.
    private const int MostBytes = 1 << 20;

    private readonly nint _handle = GetStandardHandle(StandardInput - number);
    private readonly Stream? _terminal = TerminalOf(number);

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    private bool IsClosed => _handle is 0 or -1;

    /// <summary>Reads what there is, or waits for the first bytes; 0 at the end.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_terminal is not null) return _terminal.Read(buffer);
        if (IsClosed) throw new IOException("it was closed from the start");
        uint count;
        fixed (byte* bytes = buffer)
        {
            if (ReadBytes(_handle, bytes, (uint)Math.Min(buffer.Length, MostBytes), &count, 0) != 0) return (int)count;
        }
        var error = Marshal.GetLastPInvokeError();
        return error == BrokenPipe ? 0 : throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
    }

    /// <summary>Writes all of the bytes.</summary>
    /// <exception cref="IOException">
    /// Not all bytes could be written, for instance because there is no reader.
    /// </exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_terminal is null && IsClosed) throw new IOException("it was closed from the start");
        for (; buffer.Length > 0; buffer = buffer[WriteSome(buffer)..])
        {
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private int WriteSome(ReadOnlySpan<byte> buffer)
    {
        if (_terminal is not null)
        {
            _terminal.Write(buffer);
            return buffer.Length;
        }
        uint count;
        fixed (byte* bytes = buffer)
        {
            if (WriteBytes(_handle, bytes, (uint)Math.Min(buffer.Length, MostBytes), &count, 0) != 0) return (int)count;
        }
        var error = Marshal.GetLastPInvokeError();
        var result = error is BrokenPipe or PipeIsClosing ? StandardStream.BrokenPipe : error;
        throw new IOException(Marshal.GetPInvokeErrorMessage(error), result);
    }

    // A terminal has a code page, which the console's own stream knows; null where the stream is redirected.
    private static Stream? TerminalOf(int number) => number switch
    {
        0 => Console.IsInputRedirected ? null : Console.OpenStandardInput(),
        1 => Console.IsOutputRedirected ? null : Console.OpenStandardOutput(),
        _ => Console.IsErrorRedirected ? null : Console.OpenStandardError(),
    };

    [LibraryImport("kernel32", EntryPoint = "GetStdHandle")]
    private static partial nint GetStandardHandle(int number);

    [LibraryImport("kernel32", EntryPoint = "ReadFile", SetLastError = true)]
    private static partial int ReadBytes(nint handle, byte* buffer, uint count, uint* read, nint overlapped);

    [LibraryImport("kernel32", EntryPoint = "WriteFile", SetLastError = true)]
    private static partial int WriteBytes(nint handle, byte* buffer, uint count, uint* written, nint overlapped);
}
