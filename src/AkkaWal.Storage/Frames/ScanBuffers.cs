using System.Buffers;

namespace AkkaWal.Storage.Frames;

/// <summary>
/// The memory of scans. Arrays up to the size of a scan's read come from the shared pool. A larger one, for a large
/// record or for a damaged length, is allocated and left to the garbage collector: the pool would keep it for the
/// process's life. From any thread.
/// </summary>
internal static class ScanBuffers
{
    /// <summary>An array of at least that many bytes. Its contents are arbitrary.</summary>
    internal static byte[] Rent(int bytes) => bytes <= FrameScanner.BufferBytes
        ? ArrayPool<byte>.Shared.Rent(bytes)
        : GC.AllocateUninitializedArray<byte>(bytes);

    /// <summary>Returns an array. Must be called once for each.</summary>
    internal static void Return(byte[] array)
    {
        if (array.Length is > 0 and <= FrameScanner.BufferBytes) ArrayPool<byte>.Shared.Return(array);
    }
}
