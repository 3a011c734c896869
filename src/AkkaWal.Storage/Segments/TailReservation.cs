using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// Space ahead of the tail. Where each commit is synced it is written as zeros, so that the syncs carry data alone: no new block, no new length. Elsewhere
/// it is blocks without contents, for segments that are not small: a write need not ask for each, nor the write-out look for one. The space grows
/// from 64 KiB to 1 MiB of zeros, or to 8 MiB of blocks, and never past the segment's limit. Owned by the writer's thread.
/// </summary>
internal sealed class TailReservation(bool isSynced, long fileLengthBytes)
{
    private const int SmallestBytes = 64 << 10, LargestZeros = 1 << 20, LargestAllocation = 8 << 20;

    private static readonly ReadOnlyMemory<byte> Zeros = new byte[LargestZeros];

    private int _nextBytes = SmallestBytes;
    private bool _enabled = true;

    /// <summary>The end of the reserved space, where there is any behind the file's records.</summary>
    internal long ReservedEnd { get; private set; } = fileLengthBytes;

    /// <summary>Writes bytes, and reserves space behind them where they use up what there is.</summary>
    internal void Write(IWalFile file, long position, ReadOnlyMemory<byte> bytes, long maxSegmentBytes)
    {
        var end = position + bytes.Length;
        var ahead = !_enabled || end <= ReservedEnd || (!isSynced && end < SmallestBytes) ? 0
            : (int)Math.Clamp(SegmentHeader.SizeBytes + maxSegmentBytes - end, 0, _nextBytes);
        if (ahead > 0)
        {
            if (!isSynced) Allocate(file, position, end + ahead);
            else if (TryWriteBoth(file, position, bytes, ahead)) return;
        }
        file.Write(position, bytes.Span);
        ReservedEnd = Math.Max(ReservedEnd, end);
    }

    /// <summary>The file was cut: nothing is reserved.</summary>
    internal void Reset(long fileLengthBytes) => ReservedEnd = fileLengthBytes;

    private bool TryWriteBoth(IWalFile file, long position, ReadOnlyMemory<byte> bytes, int ahead)
    {
        try
        {
            file.Write(position, [bytes, Zeros[..ahead]]);
        }
        catch (WalIOException e) when (e.IsOutOfSpace)
        {
            // The records alone may still find room. Some of the zeros may stand behind them: the seal must cut those.
            _enabled = false;
            ReservedEnd = position + bytes.Length + ahead;
            return false;
        }
        Grow(position + bytes.Length + ahead, LargestZeros);
        return true;
    }

    private void Allocate(IWalFile file, long position, long reservedEnd)
    {
        file.Allocate(position, reservedEnd - position);
        Grow(reservedEnd, LargestAllocation);
    }

    private void Grow(long reservedEnd, int largestBytes)
    {
        ReservedEnd = reservedEnd;
        _nextBytes = Math.Min(_nextBytes * 2, largestBytes);
    }
}
