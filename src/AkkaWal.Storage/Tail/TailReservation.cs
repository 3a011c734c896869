using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Tail;

/// <summary>
/// Space that is reserved ahead of the tail. Where each commit is synced, it is written as zeros, so that a sync writes
/// data alone: no new block and no new length. Elsewhere it is blocks without contents, and only in segments that are
/// not small: a write then needs no new block, and write-back finds the blocks allocated. The first step is 64 KiB.
/// Steps grow to 1 MiB of zeros, with at most 2 MiB ahead, or to 8 MiB of blocks. The space never exceeds the segment's
/// limit. Owned by the writer's thread.
/// </summary>
/// <remarks>
/// Zeros are written in small steps between a sync and the next commit, and their write-back is started at once, so
/// that the next sync finds most of them written. A step covers a few commits, because each step changes the file's
/// metadata.
/// </remarks>
/// <param name="isSynced">Whether each commit is synced.</param>
/// <param name="fileLengthBytes">The file's length.</param>
/// <param name="smallestBytes">The first step, <see cref="WalOptions.FirstReservationBytes"/> at most.</param>
/// <param name="courtesies">Takes what the file system does not support.</param>
internal sealed class TailReservation(
    bool isSynced, long fileLengthBytes, int smallestBytes = WalOptions.FirstReservationBytes,
    Courtesies? courtesies = null)
{
    // Zeros are written where less than the first step divided by this is left.
    private const int LeastShare = 4;

    // In first steps: the largest step for small commits, the largest step of zeros, the largest step of blocks.
    private const int SmallSteps = 4, LargestSteps = 16, AllocatedSteps = 1 << MaxDoublings, MaxDoublings = 7;

    // In commits of the last size: how much space is enough, and how much a step adds.
    private const int CommitsAhead = 2, CommitsAStep = 3;

    private static readonly ReadOnlyMemory<byte> Zeros = new byte[LargestSteps * WalOptions.FirstReservationBytes];

    private int _doublings;
    private int _commitBytes;
    private bool _enabled = true;

    /// <summary>The end of the reserved space. Where none is reserved, it is the end of the file.</summary>
    internal long ReservedEnd { get; private set; } = fileLengthBytes;

    /// <summary>Writes bytes. Where they go beyond the reserved space, also reserves space behind them.</summary>
    internal void Write(IWalFile file, long position, ReadOnlyMemory<byte> bytes, long maxSegmentBytes)
    {
        var end = position + bytes.Length;
        _commitBytes = bytes.Length;
        var needsNone = !_enabled || end <= ReservedEnd || (!isSynced && end < smallestBytes);
        var ahead = needsNone ? 0 : StepFrom(end, maxSegmentBytes);
        if (ahead > 0)
        {
            if (!isSynced) Allocate(file, position, end + ahead);
            else if (TryWriteBoth(file, position, bytes, ahead)) return;
        }
        file.Write(position, bytes.Span);
        ReservedEnd = Math.Max(ReservedEnd, end);
    }

    /// <summary>Writes more zeros between two commits, where the reserved space will soon be used up.</summary>
    /// <param name="file">The segment's file.</param>
    /// <param name="end">The end of what is committed or staged.</param>
    /// <param name="maxSegmentBytes">The segment's limit.</param>
    /// <exception cref="WalIOException">The write failed, and not for a lack that may pass.</exception>
    internal void Extend(IWalFile file, long end, long maxSegmentBytes)
    {
        var start = ReservedEnd;
        if (!isSynced || !_enabled || start < end || start - end >= EnoughAhead) return;
        var ahead = StepFrom(start, maxSegmentBytes);
        if (ahead == 0) return;
        try
        {
            file.Write(start, Zeros.Span[..ahead]);
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            Stop(start + ahead);
            return;
        }
        var refusal = file.BeginWriteOut(start, ahead);
        courtesies?.Note(refusal);
        Grow(start + ahead);
    }

    /// <summary>Notes that the file was cut: no space is reserved.</summary>
    internal void Reset(long fileLengthBytes) => ReservedEnd = fileLengthBytes;

    private long EnoughAhead => Math.Clamp(
        CommitsAhead * (long)_commitBytes, smallestBytes / LeastShare, LargestSteps * smallestBytes);

    private long LargestStep => isSynced
        ? Math.Clamp(CommitsAStep * (long)_commitBytes, SmallSteps * smallestBytes, LargestSteps * smallestBytes)
        : AllocatedSteps * smallestBytes;

    private int StepFrom(long position, long maxSegmentBytes)
    {
        var leftBytes = SegmentHeader.SizeBytes + maxSegmentBytes - position;
        return (int)Math.Clamp(leftBytes, 0, Math.Min((long)smallestBytes << _doublings, LargestStep));
    }

    private bool TryWriteBoth(IWalFile file, long position, ReadOnlyMemory<byte> bytes, int ahead)
    {
        try
        {
            file.Write(position, [bytes, Zeros[..ahead]]);
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            // There may be room for the records alone.
            Stop(position + bytes.Length + ahead);
            return false;
        }
        Grow(position + bytes.Length + ahead);
        return true;
    }

    private void Allocate(IWalFile file, long position, long reservedEnd)
    {
        var refusal = file.Allocate(position, reservedEnd - position);
        courtesies?.Note(refusal);
        Grow(reservedEnd);
    }

    // Some of the zeros may have been written, so ReservedEnd covers them all: the seal cuts the file there.
    private void Stop(long reservedEnd)
    {
        _enabled = false;
        ReservedEnd = reservedEnd;
    }

    private void Grow(long reservedEnd)
    {
        ReservedEnd = reservedEnd;
        if (_doublings < MaxDoublings) _doublings++;
    }
}
