using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal;

/// <summary>
/// A log for code that awaits. <see cref="WalClient"/> is the one that talks to a <see cref="LogManager"/>; tests may
/// have another. Safe for any number of threads.
/// </summary>
/// <remarks>
/// Every method throws <see cref="WalRequestException"/> where the log refuses and where no reply comes in time; its
/// <see cref="WalRequestException.Kind"/> says whether the request happened. A method that is cancelled before it has
/// sent anything sends nothing; cancelled later, an append may still happen, and the
/// <see cref="OperationCanceledException"/> says so. Buffers must not be changed after they were passed.
/// </remarks>
public interface IWalClient
{
    /// <summary>Adds a record.</summary>
    /// <param name="payload">Its bytes.</param>
    /// <param name="expectedOffset">
    /// The offset that it is to get; null for any. Where that is not the next one, nothing is appended, and the failure
    /// is a <see cref="FailureKind.Precondition"/>: see <see cref="Append.ExpectedOffset"/>.
    /// </param>
    /// <param name="cancellation">Ends the wait; the append may have happened.</param>
    /// <returns>Its offset, once it is as durable as the flush policy promises.</returns>
    Task<long> AppendAsync(
        ReadOnlyMemory<byte> payload, long? expectedOffset = null, CancellationToken cancellation = default);

    /// <summary>Adds records, all or none, also after a crash; at least one.</summary>
    /// <param name="payloads">Their bytes.</param>
    /// <param name="expectedOffset">The offset that the first one is to get, as with one record.</param>
    /// <param name="cancellation">Ends the wait; the append may have happened.</param>
    /// <returns>The first one's offset; the others follow without a gap.</returns>
    Task<long> AppendBatchAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> payloads, long? expectedOffset = null,
        CancellationToken cancellation = default);

    /// <summary>The payload of a record; throws where the log does not hold it.</summary>
    Task<ReadOnlyMemory<byte>> ReadAsync(long offset, CancellationToken cancellation = default);

    /// <summary>The payload of a record; null where the log does not hold it.</summary>
    Task<ReadOnlyMemory<byte>?> TryReadAsync(long offset, CancellationToken cancellation = default);

    /// <summary>Records from an offset on, as <see cref="ReadBatch"/> tells; none at the end of the log.</summary>
    Task<BatchRead> ReadBatchAsync(
        long offset, int maxRecords = 1000, int maxBytes = 1 << 20, CancellationToken cancellation = default);

    /// <summary>
    /// Every record from an offset to what is the end when it is reached. Nothing is read before the first record is
    /// asked for; from then on the next batch is fetched while the records of the one before are worked on.
    /// </summary>
    /// <remarks>
    /// Throws where the log does not hold the offset, at a damaged record, and at a gap unless it is to be skipped.
    /// </remarks>
    /// <param name="fromOffset">0 or more, and at most the log's next offset.</param>
    /// <param name="options">Gaps and batch sizes; the defaults where null.</param>
    /// <param name="cancellation">Ends it at the next record, or while it waits for one.</param>
    IAsyncEnumerable<WalRecord> ScanAsync(
        long fromOffset, ScanOptions? options = null, CancellationToken cancellation = default);

    /// <summary>
    /// As <see cref="ScanAsync"/>, and then every record that is appended, until it is cancelled or left. It reads when
    /// the next record is asked for. At the end of the log it waits for a message from the log; nothing is polled.
    /// </summary>
    /// <remarks>
    /// The stream goes on across rolls, compression and archiving of segments, and across crashes of the log's actors.
    /// A failure that may pass is tried again until it has lasted as long as the client's time-out; then it is thrown.
    /// </remarks>
    /// <param name="fromOffset">0 or more, and at most the log's next offset.</param>
    /// <param name="options">Gaps and batch sizes; the defaults where null.</param>
    /// <param name="cancellation">Ends it at the next record, or while it waits for one.</param>
    IAsyncEnumerable<WalRecord> FollowAsync(
        long fromOffset, ScanOptions? options = null, CancellationToken cancellation = default);

    /// <summary>In which file a record is, and where in it.</summary>
    Task<RecordLocated> LocateAsync(long offset, CancellationToken cancellation = default);

    /// <summary>What the log holds.</summary>
    Task<LogInfo> GetInfoAsync(CancellationToken cancellation = default);

    /// <summary>
    /// The segments, oldest first; from another node in as many parts as it takes, each as of its own moment.
    /// </summary>
    Task<IReadOnlyList<SegmentInfo>> GetSegmentsAsync(CancellationToken cancellation = default);

    /// <summary>Makes everything appended so far durable; returns the last offset that is on the disk.</summary>
    Task<long> SyncAsync(CancellationToken cancellation = default);

    /// <summary>
    /// Keeps every record from an offset on from being deleted, until the name holds another one, releases it, or the
    /// log is stopped: see <see cref="HoldFloor"/>.
    /// </summary>
    /// <returns>Where it is, and where the log starts: a higher start means that the floor came too late.</returns>
    Task<FloorHeld> HoldFloorAsync(string name, long offset, CancellationToken cancellation = default);

    /// <summary>Gives a floor up; it is no error that there is none.</summary>
    Task ReleaseFloorAsync(string name, CancellationToken cancellation = default);
}
