using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.IO;

/// <summary>
/// A file that changes no more, mapped into memory: reads are copies. The mapping is reference-counted, so a disposal beside a read is safe, and outlives
/// the file's name. See <see cref="FileAccessMode.ReadMapped"/> for what it can't report.
/// </summary>
internal sealed unsafe class MappedFile : IWalFile
{
    private readonly MemoryMappedViewAccessor _view;
    private readonly SafeMemoryMappedViewHandle _memory;

    private MappedFile(MemoryMappedViewAccessor view, string path, long lengthBytes)
    {
        (_view, _memory) = (view, view.SafeMemoryMappedViewHandle);
        (Path, LengthBytes) = (path, lengthBytes);
    }

    public string Path { get; }

    /// <summary>The length when it was mapped.</summary>
    public long LengthBytes { get; }

    /// <summary>Maps a file and lets go of its handle.</summary>
    /// <param name="handle">The file's, which is not empty.</param>
    /// <param name="path">The path that it was opened by.</param>
    /// <param name="lengthBytes">Its length.</param>
    /// <exception cref="WalIOException">The platform could not: it has no room for one more mapping, say.</exception>
    internal static MappedFile Of(SafeFileHandle handle, string path, long lengthBytes)
    {
        using (handle)
        {
            try
            {
                using var file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
                return new MappedFile(file.CreateViewAccessor(0, lengthBytes, MemoryMappedFileAccess.Read), path, lengthBytes);
            }
            catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
            {
                throw new WalIOException("map", path, false, e.Message);
            }
        }
    }

    public int Read(long position, Span<byte> buffer)
    {
        var count = (int)Math.Clamp(LengthBytes - position, 0, buffer.Length);
        if (count == 0) return 0;
        var isHeld = false;
        try
        {
            _memory.DangerousAddRef(ref isHeld);
            new ReadOnlySpan<byte>((byte*)_memory.DangerousGetHandle() + position, count).CopyTo(buffer);
        }
        finally
        {
            if (isHeld) _memory.DangerousRelease();
        }
        return count;
    }

    public void Write(long position, ReadOnlySpan<byte> bytes) => throw Immutable();

    public void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers) => throw Immutable();

    public void SetLength(long lengthBytes) => throw Immutable();

    public void Sync() => throw Immutable();

    public void Dispose() => _view.Dispose();

    private static InvalidOperationException Immutable() => new("a file that is mapped to be read does not change");
}
