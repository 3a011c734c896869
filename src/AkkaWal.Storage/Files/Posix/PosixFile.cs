using System.Buffers;
using System.Runtime.InteropServices;
using AkkaWal.Storage.Files.Posix.Calls;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>
/// A plain file, accessed through libc. The handle is reference-counted, so it may be disposed during a read or a sync.
/// </summary>
internal sealed unsafe class PosixFile : IWalFile
{
    // The most buffers in one gathered write. Linux allows 1,024 (IOV_MAX).
    private const int MaxVectors = 64;

    private readonly SafeFileHandle _handle;
    private readonly PosixPlace _place;
    private KnownPath? _known;
    private bool _isLocked;

    /// <param name="handle">The open file. It is closed with this.</param>
    /// <param name="place">The name that it was opened by. The caller keeps its directory open.</param>
    internal PosixFile(SafeFileHandle handle, in PosixPlace place) => (_handle, _place) = (handle, place);

    public string Path => _place.Path;

    public long LengthBytes => PosixCalls.StatOf(_handle, Path).LengthBytes;

    // Created on first use, because few files are asked. The file is still open then, so its identity has not changed.
    public bool IsNamed() =>
        (_known ??= new KnownPath(_place, FileId.Of(_handle, Path), followsLinks: false)).LeadsTo(_handle);

    public bool? TryLock()
    {
        var isLocked = Flock.TryHold(_handle, Path, PosixError.CauseOf);
        _isLocked |= isLocked == true;
        return isLocked;
    }

    public int Read(long position, Span<byte> buffer)
    {
        var done = 0;
        fixed (byte* start = buffer)
        {
            while (done < buffer.Length)
            {
                var count = Libc.Read(_handle, start + done, (nuint)(buffer.Length - done), position + done);
                if (count == 0) break;
                if (count > 0) done += (int)count;
                else if (Marshal.GetLastPInvokeError() != Libc.Interrupted) throw PosixError.Last("read", Path);
            }
        }
        return done;
    }

    public void Write(long position, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var count = Libc.Write(_handle, start + done, (nuint)(bytes.Length - done), position + done);
                if (count > 0) done += (int)count;
                else if (count == 0 || Marshal.GetLastPInvokeError() != Libc.Interrupted)
                    throw PosixError.Last("write", Path);
            }
        }
    }

    public void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        if (buffers.Count is 0 or > MaxVectors)
            throw new ArgumentException($"1 to {MaxVectors} buffers", nameof(buffers));
        var pins = new MemoryHandle[buffers.Count];
        var vectors = stackalloc Libc.IoVector[buffers.Count];
        try
        {
            for (var i = 0; i < buffers.Count; i++)
            {
                pins[i] = buffers[i].Pin();
                vectors[i] = new Libc.IoVector { Start = (byte*)pins[i].Pointer, Count = (nuint)buffers[i].Length };
            }
            WriteVectors(position, vectors, buffers.Count);
        }
        finally
        {
            for (var i = 0; i < buffers.Count; i++) pins[i].Dispose();
        }
    }

    private void WriteVectors(long position, Libc.IoVector* vectors, int count)
    {
        while (count > 0)
        {
            if (vectors->Count == 0)
            {
                vectors++;
                count--;
                continue;
            }
            var written = Libc.WriteGathered(_handle, vectors, count, position);
            if (written <= 0)
            {
                if (written < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted) continue;
                throw PosixError.Last("write", Path);
            }
            position += written;
            // After a short write, goes on behind the last byte that was written, perhaps within a buffer.
            for (var left = (nuint)written; left > 0;)
            {
                var taken = Math.Min(left, vectors->Count);
                vectors->Start += taken;
                vectors->Count -= taken;
                left -= taken;
                if (vectors->Count > 0) break;
                vectors++;
                count--;
            }
        }
    }

    public void SetLength(long lengthBytes)
    {
        while (Libc.SetLength(_handle, lengthBytes) != 0)
            if (Marshal.GetLastPInvokeError() != Libc.Interrupted) throw PosixError.Last("set length of", Path);
    }

    // A failed write-back is reported by the next sync: the kernel keeps the error for each open file.
    public WalIOException? BeginWriteOut(long position, long count) =>
        Libc.BeginWriteOut(_handle, position, count, Libc.StartOnly) == 0
            ? null
            : PosixError.Last("begin to write out", Path);

    // A lack of room shows again in the writes that follow.
    public WalIOException? Allocate(long position, long count) =>
        Libc.Allocate(_handle, Libc.KeepLength, position, count) == 0
            ? null
            : PosixError.Last("allocate space for", Path);

    // fdatasync also writes a changed length, which is all the metadata that a reader needs.
    public void Sync()
    {
        while (Libc.SyncData(_handle) != 0)
            if (Marshal.GetLastPInvokeError() != Libc.Interrupted) throw PosixError.Last("sync", Path);
    }

    public void Dispose()
    {
        if (_isLocked) Flock.Release(_handle);
        _isLocked = false;
        _handle.Dispose();
    }
}
