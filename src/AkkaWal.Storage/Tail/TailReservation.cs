using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Tail;

/// <summary>
/// Space ahead of the tail. Where each commit is synced it is written as zeros, so that the syncs carry data alone: no new block, no new length. Elsewhere
/// it is blocks without contents, for segments that are not small: a write need not ask for each, nor the write-out look for one. It begins with
/// 64 KiB, grows to 2 MiB of zeros or 8 MiB of blocks at most, and never goes past the segment's limit. Owned by the writer's thread.
/// </summary>
/// <remarks>
/// Zeros are written in small steps between a sync and the next commit, and their way to the disk is begun there: the sync of that commit, which has to wait for
/// them, then finds them done. A step is worth a few commits, since each one costs a change of the file's metadata.
/// </remarks>
/// <param name="isSynced">Whether each commit is.</param>
/// <param name="fileLengthBytes">The file's length.</param>
/// <param name="smallestBytes">The first step, <see cref="WalOptions.FirstReservationBytes"/> at most.</param>
/// <param name="courtesies">Told what the file system does not do.</param>
internal sealed class TailReservation(
    bool isSynced, long fileLengthBytes, int smallestBytes = WalOptions.FirstReservationBytes, Courtesies? courtesies = null)
{
    // In first steps: what is too little ahead, a step of small commits, the largest one, and the largest one of blocks.
    private const int LeastShare = 4, SmallSteps = 4, LargestSteps = 16, AllocatedSteps = 1 << MaxDoublings, MaxDoublings = 7;
    private const int CommitsAhead = 2, CommitsAStep = 3;

    private static readonly ReadOnlyMemory<byte> Zeros = new byte[LargestSteps * WalOptions.FirstReservationBytes];

    private int _doublings;
    private int _commitBytes;
    private bool _enabled = true;

    /// <summary>The end of the reserved space, where there is any behind the file's records.</summary>
    internal long ReservedEnd { get; private set; } = fileLengthBytes;

    /// <summary>Writes bytes, and reserves space behind them where they use up what there is.</summary>
    internal void Write(IWalFile file, long position, ReadOnlyMemory<byte> bytes, long maxSegmentBytes)
    {
        var end = position + bytes.Length;
        _commitBytes = bytes.Length;
        var ahead = !_enabled || end <= ReservedEnd || (!isSynced && end < smallestBytes) ? 0 : StepFrom(end, maxSegmentBytes);
        if (ahead > 0)
        {
            if (!isSynced) Allocate(file, position, end + ahead);
            else if (TryWriteBoth(file, position, bytes, ahead)) return;
        }
        file.Write(position, bytes.Span);
        ReservedEnd = Math.Max(ReservedEnd, end);
    }

    /// <summary>Between two commits: writes zeros behind those that there are, where they will soon be used up.</summary>
    /// <param name="file">The segment's file.</param>
    /// <param name="end">Where what is committed or staged ends.</param>
    /// <param name="maxSegmentBytes">The limit.</param>
    /// <exception cref="WalIOException">The platform could not write, and not for want of room.</exception>
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

    /// <summary>The file was cut: nothing is reserved.</summary>
    internal void Reset(long fileLengthBytes) => ReservedEnd = fileLengthBytes;

    private long EnoughAhead => Math.Clamp(CommitsAhead * (long)_commitBytes, smallestBytes / LeastShare, LargestSteps * smallestBytes);

    private long LargestStep => isSynced
        ? Math.Clamp(CommitsAStep * (long)_commitBytes, SmallSteps * smallestBytes, LargestSteps * smallestBytes)
        : AllocatedSteps * smallestBytes;

    private int StepFrom(long position, long maxSegmentBytes) =>
        (int)Math.Clamp(SegmentHeader.SizeBytes + maxSegmentBytes - position, 0, Math.Min((long)smallestBytes << _doublings, LargestStep));

    private bool TryWriteBoth(IWalFile file, long position, ReadOnlyMemory<byte> bytes, int ahead)
    {
        try
        {
            file.Write(position, [bytes, Zeros[..ahead]]);
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            // The records alone may still find room.
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

    // Some of the zeros may stand where there was no room for all: the seal must cut those.
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
