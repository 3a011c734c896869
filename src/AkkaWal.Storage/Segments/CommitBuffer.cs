using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Segments;

/// <summary>The frames of the commit that is being staged, encoded where they will be written from. Owned by the writer's thread.</summary>
internal sealed class CommitBuffer(uint saltState, int maxCommitBytes)
{
    private const int SmallestBytes = 64 << 10, LargestKeptBytes = 2 << 20;

    private byte[] _buffer = new byte[SmallestBytes];

    internal int SizeBytes { get; private set; }

    internal ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, SizeBytes);

    internal void Add(ReadOnlySpan<byte> payload, long offset, bool continues)
    {
        var frameBytes = checked((int)Frame.SizeOf(payload.Length));
        if (_buffer.Length - SizeBytes < frameBytes) Grow(frameBytes);
        Frame.Encode(_buffer.AsSpan(SizeBytes), payload, saltState, offset, continues);
        SizeBytes += frameBytes;
    }

    /// <summary>Forgets what is staged, and lets go of an unusually large buffer.</summary>
    internal void Clear()
    {
        SizeBytes = 0;
        if (_buffer.Length > LargestKeptBytes) _buffer = new byte[SmallestBytes];
    }

    // Doubles up to the size of a commit; a larger single record gets what it needs.
    private void Grow(int frameBytes)
    {
        var wanted = Math.Max((long)SizeBytes + frameBytes, Math.Min(2L * _buffer.Length, maxCommitBytes));
        Array.Resize(ref _buffer, checked((int)wanted));
    }
}
