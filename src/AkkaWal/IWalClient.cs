using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal;

/// <summary>
/// A log as an asynchronous API. <see cref="WalClient"/> implements it with a <see cref="LogManager"/>; tests may
/// implement it otherwise. Safe for any number of threads.
/// </summary>
/// <remarks>
/// Every method throws <see cref="WalRequestException"/> if the log refuses the request or no reply comes in time. Its
/// <see cref="WalRequestException.Kind"/> says whether the request happened. If a method is cancelled before it has
/// sent the request, nothing is sent. If an append is cancelled later, it may still happen, and the
/// <see cref="OperationCanceledException"/> says so. Buffers must not be changed after they were passed.
/// If a caller has several appends under way, they get their offsets in the order of its calls as long as the log stays
/// open. If the log is closed and opened again meanwhile, or moves to another node, a later append may come first.
/// Where the order matters, the caller awaits each append before the next, or gives expected offsets.
/// </remarks>
public interface IWalClient
{
    /// <summary>Appends a record.</summary>
    /// <param name="payload">The record's bytes.</param>
    /// <param name="expectedOffset">
    /// The offset that the record must get; null for any. If it is not the next offset, nothing is appended, and the
    /// failure is a <see cref="FailureKind.Precondition"/>: see <see cref="Append.ExpectedOffset"/>.
    /// </param>
    /// <param name="cancellation">Ends the wait; the append may have happened.</param>
    /// <returns>The record's offset, once the record is as durable as the flush policy promises.</returns>
    Task<long> AppendAsync(
        ReadOnlyMemory<byte> payload, long? expectedOffset = null, CancellationToken cancellation = default);

    /// <summary>Appends one or more records, all or none, also after a crash.</summary>
    /// <param name="payloads">The records' bytes.</param>
    /// <param name="expectedOffset">The offset that the first record must get, as in <see cref="AppendAsync"/>.</param>
    /// <param name="cancellation">Ends the wait; the append may have happened.</param>
    /// <returns>The first record's offset. The others follow without a gap.</returns>
    Task<long> AppendBatchAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> payloads, long? expectedOffset = null,
        CancellationToken cancellation = default);

    /// <summary>The payload of a record; throws if the log does not hold it.</summary>
    Task<ReadOnlyMemory<byte>> ReadAsync(long offset, CancellationToken cancellation = default);

    /// <summary>The payload of a record; null if the log does not hold it.</summary>
    Task<ReadOnlyMemory<byte>?> TryReadAsync(long offset, CancellationToken cancellation = default);

    /// <summary>Records from an offset on, as in <see cref="ReadBatch"/>; none at the end of the log.</summary>
    Task<BatchRead> ReadBatchAsync(
        long offset, int maxRecords = 1000, int maxBytes = 1 << 20, CancellationToken cancellation = default);

    /// <summary>
    /// Every record from an offset to the end of the log, including records that are appended meanwhile. Reading begins
    /// when the first record is requested. From then on the next batch is fetched while the caller processes the last
    /// one.
    /// </summary>
    /// <remarks>
    /// Throws if the log does not hold the offset, at a damaged record, and at a gap unless gaps are skipped.
    /// </remarks>
    /// <param name="fromOffset">0 or more, and at most the log's next offset.</param>
    /// <param name="options">Gaps and batch sizes; null for the defaults.</param>
    /// <param name="cancellation">Ends the enumeration at the next record, or while it waits for one.</param>
    IAsyncEnumerable<WalRecord> ScanAsync(
        long fromOffset, ScanOptions? options = null, CancellationToken cancellation = default);

    /// <summary>
    /// As <see cref="ScanAsync"/>, and then every record that is appended later, until the enumeration is cancelled or
    /// left. It reads when the next record is requested. At the end of the log it waits for a message from the log and
    /// does not poll.
    /// </summary>
    /// <remarks>
    /// The stream goes on across rolls, compression and archiving of segments, and across crashes of the log's actors.
    /// After a failure that may pass it tries again, for as long as the client's time-out; then it throws.
    /// </remarks>
    /// <param name="fromOffset">0 or more, and at most the log's next offset.</param>
    /// <param name="options">Gaps and batch sizes; null for the defaults.</param>
    /// <param name="cancellation">Ends the enumeration at the next record, or while it waits for one.</param>
    IAsyncEnumerable<WalRecord> FollowAsync(
        long fromOffset, ScanOptions? options = null, CancellationToken cancellation = default);

    /// <summary>The file and position of a record.</summary>
    Task<RecordLocated> LocateAsync(long offset, CancellationToken cancellation = default);

    /// <summary>What the log holds.</summary>
    Task<LogInfo> GetInfoAsync(CancellationToken cancellation = default);

    /// <summary>
    /// The segments, oldest first. From another node they come in several replies if needed, and each is a snapshot of
    /// its own moment.
    /// </summary>
    Task<IReadOnlyList<SegmentInfo>> GetSegmentsAsync(CancellationToken cancellation = default);

    /// <summary>Makes all appended records durable; returns the last offset that is on the disk.</summary>
    Task<long> SyncAsync(CancellationToken cancellation = default);

    /// <summary>
    /// Holds a floor: no record at or above the offset is deleted until the floor is moved or released, or the log is
    /// stopped. See <see cref="HoldFloor"/>.
    /// </summary>
    /// <returns>
    /// The floor and the start of the log. A start above the floor means that records were deleted before it was held.
    /// </returns>
    Task<FloorHeld> HoldFloorAsync(string name, long offset, CancellationToken cancellation = default);

    /// <summary>Releases a floor; it is no error if there is none.</summary>
    Task ReleaseFloorAsync(string name, CancellationToken cancellation = default);
}
