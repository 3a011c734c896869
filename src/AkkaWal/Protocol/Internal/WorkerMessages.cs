using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Protocol.Internal;

/// <summary>Sync the log up to there -> <see cref="SyncDone"/> or <see cref="WorkFailed"/>.</summary>
internal sealed record RunSync(SegmentWriter Writer, Watermark Covered) : InternalMessage;

/// <summary>Sync the watermark -> <see cref="WatermarkSynced"/> or <see cref="WorkFailed"/>.</summary>
internal sealed record RunWatermarkSync(SegmentWriter Writer) : InternalMessage;

/// <summary>Seal the segment and make its successor -> <see cref="SealDone"/> or <see cref="WorkFailed"/>.</summary>
internal sealed record RunSeal(SegmentWriter Writer) : InternalMessage;

/// <summary>Sync worker to its segment: what became of something that it was told.</summary>
/// <param name="Writer">Whose work it was: an outcome from the life before a restart is told by it.</param>
internal abstract record WorkOutcome(SegmentWriter Writer) : InternalMessage;

/// <summary>The log is on the disk up to there.</summary>
internal sealed record SyncDone(SegmentWriter Writer, Watermark Covered) : WorkOutcome(Writer);

/// <summary>The index has a watermark that it was synced with.</summary>
internal sealed record WatermarkSynced(SegmentWriter Writer) : WorkOutcome(Writer);

/// <summary>The segment is sealed on disk, and its successor's files exist.</summary>
internal sealed record SealDone(SegmentWriter Writer, SealedSegment Sealed) : WorkOutcome(Writer);

/// <summary>It failed.</summary>
/// <param name="Writer">As above.</param>
/// <param name="WasSeal">Whether it was the roll.</param>
/// <param name="Cause">Why.</param>
internal sealed record WorkFailed(SegmentWriter Writer, bool WasSeal, WalException Cause) : WorkOutcome(Writer);
