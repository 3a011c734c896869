using AkkaWal.Storage.Files.Native;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Portable;

/// <summary>
/// A plain file, read and written through the runtime and synced by the platform's own call. The handle is
/// reference-counted, so it may be disposed during a read or a sync.
/// </summary>
internal sealed class PortableFile(NativeCalls native, SafeFileHandle handle, string path) : IWalFile
{
    private NativeFileId? _id;

    public string Path => path;

    public long LengthBytes => native.FactsOf(handle, path).LengthBytes;

    // An overlay file system can give a file a new number at its first write. The open file then has it too.
    public bool IsNamed()
    {
        try
        {
            if (native.TryFactsOf(path, followsLinks: false) is not { } named) return false;
            if (named.Id == _id) return true;
            _id = native.FactsOf(handle, path).Id;
            return named.Id == _id;
        }
        catch (ObjectDisposedException)
        {
            throw new WalIOException("look at", path, false, "it is closed");
        }
    }

    public int Read(long position, Span<byte> buffer)
    {
        try
        {
            var done = 0;
            while (done < buffer.Length)
            {
                var count = RandomAccess.Read(handle, buffer[done..], position + done);
                if (count == 0) break;
                done += count;
            }
            return done;
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw NativeError.Of(native, "read", path, e);
        }
    }

    public void Write(long position, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(handle, bytes, position);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw NativeError.Of(native, "write", path, e);
        }
    }

    public void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        try
        {
            RandomAccess.Write(handle, buffers, position);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw NativeError.Of(native, "write", path, e);
        }
    }

    public void SetLength(long lengthBytes)
    {
        try
        {
            RandomAccess.SetLength(handle, lengthBytes);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw NativeError.Of(native, "set length of", path, e);
        }
    }

    public void Sync() => native.Sync(handle, path);

    public void Dispose() => handle.Dispose();

    private bool IsFailure(Exception e) => !handle.IsClosed && NativeError.IsOfPlatform(e);
}
