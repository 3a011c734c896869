using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Protocol.Internal;

/// <summary>Sync the log up to the position covered -> <see cref="SyncDone"/> or <see cref="WorkFailed"/>.</summary>
internal sealed record RunSync(SegmentWriter Writer, Watermark Covered) : InternalMessage;

/// <summary>Sync the watermark -> <see cref="WatermarkSynced"/> or <see cref="WorkFailed"/>.</summary>
internal sealed record RunWatermarkSync(SegmentWriter Writer) : InternalMessage;

/// <summary>Seal the segment and make its successor -> <see cref="SealDone"/> or <see cref="WorkFailed"/>.</summary>
internal sealed record RunSeal(SegmentWriter Writer) : InternalMessage;

/// <summary>Sync worker to its segment: the result of the work.</summary>
/// <param name="Writer">
/// The writer of the work. Results for another writer belong to work from before a restart.
/// </param>
internal abstract record WorkOutcome(SegmentWriter Writer) : InternalMessage;

/// <summary>The log is on the disk up to the position covered.</summary>
internal sealed record SyncDone(SegmentWriter Writer, Watermark Covered) : WorkOutcome(Writer);

/// <summary>The watermark in the index is on the disk.</summary>
internal sealed record WatermarkSynced(SegmentWriter Writer) : WorkOutcome(Writer);

/// <summary>The segment is sealed on disk, and its successor's files exist.</summary>
internal sealed record SealDone(SegmentWriter Writer, SealedSegment Sealed) : WorkOutcome(Writer);

/// <summary>The work failed.</summary>
/// <param name="Writer">As in <see cref="WorkOutcome"/>.</param>
/// <param name="WasSeal">Whether the work was a seal.</param>
/// <param name="Cause">The failure.</param>
internal sealed record WorkFailed(SegmentWriter Writer, bool WasSeal, WalException Cause) : WorkOutcome(Writer);
