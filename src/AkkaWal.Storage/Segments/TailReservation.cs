using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// Zeros written ahead of the tail, so that the syncs to come carry data alone: no new block, no new length. The space grows
/// from 64 KiB to 1 MiB and never past the segment's limit. Owned by the writer's thread.
/// </summary>
internal sealed class TailReservation(bool enabled, long fileLengthBytes)
{
    private const int SmallestBytes = 64 << 10, LargestBytes = 1 << 20;

    private static readonly ReadOnlyMemory<byte> Zeros = new byte[LargestBytes];

    private int _nextBytes = SmallestBytes;
    private bool _enabled = enabled;

    /// <summary>The end of the file, reserved space included.</summary>
    internal long ReservedEnd { get; private set; } = fileLengthBytes;

    /// <summary>Writes bytes, and zeros behind them where they use up what is reserved.</summary>
    internal void Write(IWalFile file, long position, ReadOnlyMemory<byte> bytes, long maxSegmentBytes)
    {
        var end = position + bytes.Length;
        var ahead = !_enabled || end <= ReservedEnd ? 0
            : (int)Math.Clamp(SegmentHeader.SizeBytes + maxSegmentBytes - end, 0, _nextBytes);
        if (ahead > 0 && TryWriteBoth(file, position, bytes, ahead)) return;
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
        ReservedEnd = position + bytes.Length + ahead;
        _nextBytes = Math.Min(_nextBytes * 2, LargestBytes);
        return true;
    }
}
