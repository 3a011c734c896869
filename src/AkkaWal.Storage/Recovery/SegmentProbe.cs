using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Index;

namespace AkkaWal.Storage.Recovery;

/// <summary>Verifies a segment that may be damaged, as far as its frames can be found.</summary>
internal static class SegmentProbe
{
    /// <param name="Positions">The positions of the frames that were found, good and bad.</param>
    /// <param name="ValidCount">How many frames are valid.</param>
    /// <param name="IsWhole">Whether all frames up to the end are valid.</param>
    internal readonly record struct WalkResult(PositionTable Positions, long ValidCount, bool IsWhole);

    /// <summary>
    /// Verifies every frame up to an end. Behind a bad frame it goes on at the position that the index gives for the
    /// next one, else where the bad frame's own length points.
    /// </summary>
    internal static WalkResult Walk(
        IWalFile log, SegmentHeader header, PositionTable? index, long endPosition, long nextOffset,
        Action<LogFault> report)
    {
        var saltState = Frame.SaltState(header.Salt);
        var positions = new PositionTable();
        var (at, validCount, isWhole) = (new Watermark(header.BaseOffset, SegmentHeader.SizeBytes), 0L, true);
        while (at.NextOffset < nextOffset)
        {
            using var scanner = new FrameScanner(log, saltState, at, endPosition);
            while (scanner.MoveNext())
            {
                positions.Add(scanner.Position);
                validCount++;
            }
            if (scanner.Offset >= nextOffset && scanner.Fault is null) break;
            isWhole = false;
            report(new LogFault(
                LogFaultKind.Damaged, log.Path, scanner.Position, scanner.Offset,
                $"the frame of offset {scanner.Offset}",
                scanner.Fault ?? "the end of the file"));
            if (NextPosition(log, header, index, scanner.Offset, scanner.Position, endPosition) is not { } next) break;
            positions.Add(scanner.Position);
            at = new Watermark(scanner.Offset + 1, next);
        }
        return new WalkResult(positions, validCount, isWhole);
    }

    private static long? NextPosition(
        IWalFile log, SegmentHeader header, PositionTable? index, long badOffset, long badPosition, long endPosition)
    {
        var following = (int)(badOffset + 1 - header.BaseOffset);
        if (index is not null && following < index.Count && index[following] > badPosition) return index[following];
        Span<byte> head = stackalloc byte[Frame.HeaderBytes];
        if (log.Read(badPosition, head) < head.Length || !Frame.TryReadHeader(head, out var frame)) return null;
        var next = badPosition + frame.FrameBytes;
        return next < endPosition ? next : null;
    }
}
