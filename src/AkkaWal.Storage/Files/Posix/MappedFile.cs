using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>
/// A file that changes no more, mapped into memory: reads are copies. The mapping is reference-counted, so a disposal beside a read is safe, and outlives
/// the file's name. See <see cref="FileAccessMode.ReadMapped"/> for what it can't report.
/// </summary>
internal sealed unsafe class MappedFile : ImmutableFile
{
    /// <summary>
    /// How many a process has at most. Linux allows 65,530 mappings by default, of anything, and the runtime ends the process when it finds no room
    /// for one of its own.
    /// </summary>
    internal const int MaxMappings = 16_384;

    private static int s_mappings;

    private readonly MemoryMappedViewAccessor _view;
    private readonly SafeMemoryMappedViewHandle _memory;
    private int _isDisposed;

    private MappedFile(MemoryMappedViewAccessor view, string path, long lengthBytes)
    {
        (_view, _memory) = (view, view.SafeMemoryMappedViewHandle);
        (Path, LengthBytes) = (path, lengthBytes);
    }

    public override string Path { get; }

    /// <summary>The length when it was mapped.</summary>
    public override long LengthBytes { get; }

    /// <summary>Maps a file and lets go of its handle; null, and the handle as it was, where it can't be mapped.</summary>
    /// <param name="handle">The file's.</param>
    /// <param name="path">The path that it was opened by.</param>
    /// <param name="lengthBytes">Its length; there is nothing to map of an empty one.</param>
    internal static MappedFile? TryMap(SafeFileHandle handle, string path, long lengthBytes)
    {
        if (lengthBytes == 0) return null;
        MappedFile? mapped = null;
        try
        {
            if (Interlocked.Increment(ref s_mappings) > MaxMappings) return null;
            using (var file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true))
                mapped = new MappedFile(file.CreateViewAccessor(0, lengthBytes, MemoryMappedFileAccess.Read), path, lengthBytes);
            handle.Dispose();
            return mapped;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A file system that maps nothing, no room, or a file that was cut meanwhile: reading it the other way tells.
            return null;
        }
        finally
        {
            if (mapped is null) Interlocked.Decrement(ref s_mappings);
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
        Interlocked.Decrement(ref s_mappings);
    }
}
