using System.Diagnostics;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Tail;

/// <summary>
/// The frames of the next commit, encoded in the buffer that is written. Owned by the writer's thread.
/// </summary>
internal sealed class CommitBuffer(uint saltState, int maxCommitBytes)
{
    // A process may have many idle logs, so a buffer is allocated on first use and starts small.
    private const int SmallestBytes = 4 << 10, KeptBytes = 64 << 10;

    private byte[] _buffer = [];
    private int _mostUsedBytes;

    internal int SizeBytes { get; private set; }

    internal ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, SizeBytes);

    /// <summary>Grows the buffer so that a frame fits.</summary>
    internal void Reserve(long frameBytes)
    {
        if (_buffer.Length - SizeBytes < frameBytes) Grow(checked((int)frameBytes));
    }

    /// <summary>Drops what was staged beyond a size that the buffer had before.</summary>
    internal void CutTo(int sizeBytes)
    {
        Debug.Assert(sizeBytes <= SizeBytes, "a cut does not add bytes");
        SizeBytes = sizeBytes;
    }

    internal void Add(ReadOnlySpan<byte> payload, long offset, bool continues)
    {
        var frameBytes = checked((int)Frame.SizeOf(payload.Length));
        Reserve(frameBytes);
        Frame.Encode(_buffer.AsSpan(SizeBytes), payload, saltState, offset, continues);
        SizeBytes += frameBytes;
    }

    /// <summary>
    /// Drops what is staged and keeps the buffer: allocating a large one for each commit costs more than the commit.
    /// </summary>
    internal void Clear()
    {
        _mostUsedBytes = Math.Max(_mostUsedBytes, SizeBytes);
        SizeBytes = 0;
        // A buffer larger than a commit held one large record, and is probably not needed again.
        if (_buffer.Length > Math.Max(maxCommitBytes, KeptBytes)) _buffer = [];
    }

    /// <summary>Frees the buffer where less than a quarter of it was needed since the last call.</summary>
    /// <returns>Whether there is still a buffer, and so a reason to call again.</returns>
    internal bool Shrink()
    {
        if (SizeBytes == 0 && _mostUsedBytes < _buffer.Length / 4) _buffer = [];
        _mostUsedBytes = 0;
        return _buffer.Length > 0;
    }

    // Doubles up to the size of a commit. A larger single record gets exactly what it needs.
    private void Grow(int frameBytes)
    {
        var doubled = Math.Max(2L * _buffer.Length, SmallestBytes);
        var wanted = Math.Max((long)SizeBytes + frameBytes, Math.Min(doubled, maxCommitBytes));
        var grown = GC.AllocateUninitializedArray<byte>(checked((int)wanted));
        Bytes.CopyTo(grown);
        _buffer = grown;
    }
}
