using System.Runtime.CompilerServices;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Recovery;

/// <summary>
/// What the last segment holds, and which row of the recovery table it is. A survey changes nothing.
/// </summary>
/// <param name="Case">The row.</param>
/// <param name="Slot">The newest valid index slot; null where the index is lost.</param>
/// <param name="Watermark">The end of what is known to be durable; the segment's start where the index is lost.</param>
/// <param name="End">The end of the last whole batch.</param>
/// <param name="Positions">The positions of the frames before <paramref name="End"/>.</param>
/// <param name="TailBytes">How many bytes follow, without the zeros at the end of the file.</param>
/// <param name="Fault">What is wrong behind <paramref name="End"/>, for operators.</param>
/// <param name="LaterFrameAt">The position of the frame that proves damage above the watermark; -1 without one.</param>
internal sealed record TailSurvey(
    RecoveryCase Case, IndexSlot? Slot, Watermark Watermark, Watermark End, PositionTable Positions, long TailBytes,
    string Fault, long LaterFrameAt)
{
    private const int ChunkBytes = 64 << 10;

    /// <summary>
    /// Whether the segment is as it was created, with its first index slot. Everything in it was synced before it got
    /// its name.
    /// </summary>
    internal bool IsFreshFor(SegmentFiles segmentFiles) =>
        Case == RecoveryCase.Intact
        && Slot is { Sequence: 0 } slot
        && slot.WindowBytes == segmentFiles.UnsyncedWindowBytes
        && End == Watermark
        && Positions.Count == 0;

    /// <summary>Surveys the last segment.</summary>
    /// <param name="segmentFiles">Where it is.</param>
    /// <param name="log">Its log file, open.</param>
    /// <param name="header">The log file's header.</param>
    /// <param name="trustCleanMark">Whether a segment that was closed cleanly is not scanned.</param>
    internal static TailSurvey Of(
        SegmentFiles segmentFiles, IWalFile log, SegmentHeader header, bool trustCleanMark = true)
    {
        var start = new Watermark(header.BaseOffset, SegmentHeader.SizeBytes);
        var length = log.LengthBytes;
        var slot = SegmentIndexReader.TryRead(segmentFiles, header, out var entries);
        var watermark = slot?.Watermark ?? start;
        var verdict = slot switch
        {
            null => IndexVerdict.Lost,
            { State: IndexState.Sealed } => IndexVerdict.Sealed,
            { State: IndexState.Clean } when trustCleanMark && entries is not null && watermark.EndPosition == length =>
                IndexVerdict.Clean,
            _ => IndexVerdict.Active,
        };
        if (verdict is IndexVerdict.Sealed or IndexVerdict.Clean)
        {
            var marked = new RecoveryEvidence(verdict, false, TailKind.Nothing, false);
            var known = entries ?? new PositionTable();
            return new TailSurvey(marked.Classify(), slot, watermark, watermark, known, 0, "", -1);
        }

        var positions = new PositionTable();
        var (end, fault) = Scan(segmentFiles, log, header, start, length, positions);
        var tailBytes = LengthWithoutZeros(log, end.EndPosition, length);
        var tail = end.EndPosition == length ? TailKind.Nothing : tailBytes == 0 ? TailKind.Zeros : TailKind.Bytes;
        var tailEnd = end.EndPosition + tailBytes;
        var later = tail == TailKind.Bytes ? FindLater(segmentFiles, log, header, slot, end, tailEnd) : -1;
        var endsBelowWatermark = slot is not null && end.EndPosition < watermark.EndPosition;
        var evidence = new RecoveryEvidence(verdict, endsBelowWatermark, tail, later >= 0);
        return new TailSurvey(evidence.Classify(), slot, watermark, end, positions, tailBytes, fault, later);
    }

    // AggressiveOptimization: an opening runs this loop once, and tiered compilation would optimize it too late.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (Watermark End, string Fault) Scan(
        SegmentFiles segmentFiles, IWalFile log, SegmentHeader header, Watermark start, long length,
        PositionTable positions)
    {
        var end = start;
        using var scanner = new FrameScanner(log, Frame.SaltState(header.Salt), start, length);
        while (scanner.MoveNext())
        {
            positions.Add(scanner.Position);
            if (!scanner.Continues) end = new Watermark(scanner.Offset + 1, scanner.NextPosition);
        }
        // A batch that a crash cut off is dropped as a whole.
        positions.TrimTo((int)(end.NextOffset - header.BaseOffset));
        var fault = scanner.Fault
            ?? (end.EndPosition < scanner.Position ? "a batch that is not complete" : "the end of the file");
        return (end, fault);
    }

    // The first valid frame of a later offset that lies farther behind the end than unsynced bytes can reach.
    private static long FindLater(
        SegmentFiles segmentFiles, IWalFile log, SegmentHeader header, IndexSlot? slot, Watermark end, long tailEnd)
    {
        var window = slot?.WindowBytes ?? (ulong)segmentFiles.Options.MaxCommitBytes;
        if (window >= (ulong)(tailEnd - end.EndPosition)) return -1;
        var from = end.EndPosition + (long)window + 1;
        return LaterFrameSearch.Find(log, Frame.SaltState(header.Salt), end, from, tailEnd);
    }

    /// <summary>How many bytes of a file follow a position, without the zeros at its end.</summary>
    internal static long LengthWithoutZeros(IWalFile log, long position, long length)
    {
        var chunk = new byte[ChunkBytes];
        for (var end = length; end > position;)
        {
            var at = Math.Max(position, end - ChunkBytes);
            var count = log.Read(at, chunk.AsSpan(0, (int)(end - at)));
            var last = chunk.AsSpan(0, count).LastIndexOfAnyExcept((byte)0);
            if (last >= 0) return at + last + 1 - position;
            end = at;
        }
        return 0;
    }
}
