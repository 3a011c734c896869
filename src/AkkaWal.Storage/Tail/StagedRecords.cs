using System.Diagnostics;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;

namespace AkkaWal.Storage.Tail;

/// <summary>
/// The records of the next commit: their frames, encoded in the buffer that is written, and their positions, which are
/// the last ones of the segment's. Owned by the writer's thread.
/// </summary>
/// <param name="header">The segment's header.</param>
/// <param name="positions">The positions of all its records, the staged ones included.</param>
/// <param name="maxCommitBytes">The size of a commit. A single record may be larger.</param>
internal sealed class StagedRecords(SegmentHeader header, PositionTable positions, int maxCommitBytes)
{
    // A process may have many idle logs, so a buffer is allocated on first use and starts small.
    private const int SmallestBytes = 4 << 10, KeptBytes = 64 << 10;

    private readonly uint _saltState = Frame.SaltState(header.Salt);
    private byte[] _buffer = [];
    private int _mostUsedBytes;

    internal int SizeBytes { get; private set; }

    internal ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, SizeBytes);

    /// <summary>The offset that the next record gets.</summary>
    internal long NextOffset => header.BaseOffset + positions.Count;

    /// <summary>Whether that many more bytes of frames may join the commit.</summary>
    internal bool HasRoomFor(long frameBytes) => SizeBytes == 0 || SizeBytes + frameBytes <= maxCommitBytes;

    /// <summary>Adds a record.</summary>
    /// <param name="payload">Its payload.</param>
    /// <param name="committedEnd">The position at which the first staged frame will be written.</param>
    /// <param name="continues">Whether its batch goes on in the next record.</param>
    /// <returns>Its offset.</returns>
    internal long Add(ReadOnlySpan<byte> payload, long committedEnd, bool continues)
    {
        var (offset, frameBytes) = (NextOffset, checked((int)Frame.SizeOf(payload.Length)));
        // Allocates first: where memory is lacking, neither the position nor the frame is added.
        if (_buffer.Length - SizeBytes < frameBytes) Grow(frameBytes);
        positions.Add(committedEnd + SizeBytes);
        Frame.Encode(_buffer.AsSpan(SizeBytes), payload, _saltState, offset, continues);
        SizeBytes += frameBytes;
        return offset;
    }

    /// <summary>Adds the records of a batch, all or none.</summary>
    /// <returns>The first one's offset.</returns>
    internal long AddBatch(IReadOnlyList<ReadOnlyMemory<byte>> payloads, long committedEnd)
    {
        var (first, stagedBytes) = (NextOffset, SizeBytes);
        try
        {
            for (var i = 0; i < payloads.Count; i++)
                Add(payloads[i].Span, committedEnd, continues: i < payloads.Count - 1);
        }
        catch
        {
            // Memory was lacking. Remove the part of the batch that was staged, so that no commit writes it.
            SizeBytes = stagedBytes;
            TrimTo(first);
            throw;
        }
        return first;
    }

    /// <summary>
    /// Notes that the records are committed. Keeps the buffer: allocating a large one for each commit costs more than
    /// the commit.
    /// </summary>
    internal void Clear()
    {
        _mostUsedBytes = Math.Max(_mostUsedBytes, SizeBytes);
        SizeBytes = 0;
        // A buffer larger than a commit held one large record, and is probably not needed again.
        if (_buffer.Length > Math.Max(maxCommitBytes, KeptBytes)) _buffer = [];
    }

    /// <summary>Drops the records: their offsets are given again.</summary>
    internal void Drop(long committedNextOffset)
    {
        TrimTo(committedNextOffset);
        Clear();
    }

    /// <summary>Frees the buffer where less than a quarter of it was needed since the last call.</summary>
    /// <returns>Whether there is still a buffer, and so a reason to call again.</returns>
    internal bool Shrink()
    {
        if (SizeBytes == 0 && _mostUsedBytes < _buffer.Length / 4) _buffer = [];
        _mostUsedBytes = 0;
        return _buffer.Length > 0;
    }

    private void TrimTo(long nextOffset)
    {
        Debug.Assert(nextOffset <= NextOffset, "a cut adds no record");
        positions.TrimTo((int)(nextOffset - header.BaseOffset));
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
