using System.IO.MemoryMappedFiles;
using AkkaWal.Storage.Files.Wrappers;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>
/// A file that does not change any more, mapped into memory. A read is a copy. The mapping is reference-counted, so it
/// may be disposed during a read, and it outlives the file's name. <see cref="FileAccessMode.ReadMapped"/> tells which
/// errors it can't report.
/// </summary>
internal sealed unsafe class MappedFile : ImmutableFile
{
    /// <summary>
    /// The most mappings of a process. Linux allows 65,530 by default, of all kinds, and the runtime ends the process
    /// when there is no room for one that it needs.
    /// </summary>
    internal const int MaxMappings = 16_384;

    private static int _mappings;

    private readonly MemoryMappedViewAccessor _view;
    private readonly SafeMemoryMappedViewHandle _memory;
    private int _isDisposed;

    private MappedFile(MemoryMappedViewAccessor view, string path, long lengthBytes)
    {
        (_view, _memory) = (view, view.SafeMemoryMappedViewHandle);
        (Path, LengthBytes) = (path, lengthBytes);
    }

    public override string Path { get; }

    /// <summary>The file's length when it was mapped.</summary>
    public override long LengthBytes { get; }

    /// <summary>
    /// Maps a file and closes its handle. Null where it can't be mapped; the handle is then still open.
    /// </summary>
    /// <param name="handle">The open file.</param>
    /// <param name="path">The path that it was opened by.</param>
    /// <param name="lengthBytes">Its length. An empty file can't be mapped.</param>
    internal static MappedFile? TryMap(SafeFileHandle handle, string path, long lengthBytes)
    {
        if (lengthBytes == 0) return null;
        MappedFile? mapped = null;
        try
        {
            if (Interlocked.Increment(ref _mappings) > MaxMappings) return null;
            using (var file = MemoryMappedFile.CreateFromFile(
                handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true))
            {
                var view = file.CreateViewAccessor(0, lengthBytes, MemoryMappedFileAccess.Read);
                mapped = new MappedFile(view, path, lengthBytes);
            }
            handle.Dispose();
            return mapped;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Mapping is not supported, there is no room, or the file was cut. The caller reads it without a mapping.
            return null;
        }
        finally
        {
            if (mapped is null) Interlocked.Decrement(ref _mappings);
        }
    }

    public override int Read(long position, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
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

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        _view.Dispose();
        Interlocked.Decrement(ref _mappings);
    }
}
