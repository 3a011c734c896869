using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Tail;

/// <summary>The frames of the commit that is being staged, encoded where they will be written from. Owned by the writer's thread.</summary>
internal sealed class CommitBuffer(uint saltState, int maxCommitBytes)
{
    // Logs that do little may be many: a buffer begins small, and is made when it is first needed.
    private const int SmallestBytes = 4 << 10, KeptBytes = 64 << 10;

    private byte[] _buffer = [];
    private int _mostUsedBytes;

    internal int SizeBytes { get; private set; }

    internal ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, SizeBytes);

    /// <summary>Has room for a frame.</summary>
    internal void Reserve(long frameBytes)
    {
        if (_buffer.Length - SizeBytes < frameBytes) Grow(checked((int)frameBytes));
    }

    /// <summary>Forgets what was staged behind a size that it had.</summary>
    internal void CutTo(int sizeBytes) => SizeBytes = sizeBytes;

    internal void Add(ReadOnlySpan<byte> payload, long offset, bool continues)
    {
        var frameBytes = checked((int)Frame.SizeOf(payload.Length));
        Reserve(frameBytes);
        Frame.Encode(_buffer.AsSpan(SizeBytes), payload, saltState, offset, continues);
        SizeBytes += frameBytes;
    }

    /// <summary>Forgets what is staged. The buffer stays: making a large one anew for each commit costs more than the commit.</summary>
    internal void Clear()
    {
        _mostUsedBytes = Math.Max(_mostUsedBytes, SizeBytes);
        SizeBytes = 0;
        // One larger than a commit held a single record; it is not likely to be needed again.
        if (_buffer.Length > Math.Max(maxCommitBytes, KeptBytes)) _buffer = [];
    }

    /// <summary>Lets go of a buffer of which little was needed since the last call.</summary>
    /// <returns>Whether there is a buffer, and so a reason to call again.</returns>
    internal bool Shrink()
    {
        if (SizeBytes == 0 && _mostUsedBytes < _buffer.Length / 4) _buffer = [];
        _mostUsedBytes = 0;
        return _buffer.Length > 0;
    }

    // Doubles up to the size of a commit; a larger single record gets what it needs.
    private void Grow(int frameBytes)
    {
        var doubled = Math.Max(2L * _buffer.Length, SmallestBytes);
        var wanted = Math.Max((long)SizeBytes + frameBytes, Math.Min(doubled, maxCommitBytes));
        var grown = GC.AllocateUninitializedArray<byte>(checked((int)wanted));
        Bytes.CopyTo(grown);
        _buffer = grown;
    }
}
