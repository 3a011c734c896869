using System.Buffers;

namespace AkkaWal.Storage.Frames;

/// <summary>
/// The memory of scans: the pool's up to what a scan reads at once. A larger array, for a large record or for a damaged length that tells of one, is made as it is
/// needed and left to the collector, since the pool would keep it for the process's life. From any thread.
/// </summary>
internal static class ScanBuffers
{
    /// <summary>An array of at least so many bytes, with whatever is in it.</summary>
    internal static byte[] Rent(int bytes) =>
        bytes <= FrameScanner.BufferBytes ? ArrayPool<byte>.Shared.Rent(bytes) : GC.AllocateUninitializedArray<byte>(bytes);

    /// <summary>Gives one back, once.</summary>
    internal static void Return(byte[] array)
    {
        if (array.Length is > 0 and <= FrameScanner.BufferBytes) ArrayPool<byte>.Shared.Return(array);
    }
}
