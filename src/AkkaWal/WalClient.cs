using Akka.Actor;
using AkkaWal.Configuration;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal;

/// <summary>
/// The client of a <see cref="LogManager"/>, with one method for each request of <see cref="LogRequest"/>. Actors
/// should send messages to the log instead.
/// </summary>
public sealed class WalClient : IWalClient
{
    private readonly ILogRoute _route;
    private readonly int _maxPayloadBytes;

    /// <summary>
    /// A client of one actor. It holds no resources. A log that stops and is started again is another actor:
    /// <see cref="Wal.Client"/> makes a client that finds that one, too.
    /// </summary>
    /// <param name="log">A <see cref="LogManager"/> on this or another node.</param>
    /// <param name="timeout">
    /// How long to wait for a reply, and how long a follower tries again after failures that may pass; longer than
    /// zero, and 24 days at most.
    /// </param>
    /// <param name="maxPayloadBytes">
    /// The log's <see cref="WalOptions.MaxPayloadBytes"/>, if it is known: larger payloads are not sent. Null for the
    /// largest that any log takes; the log itself refuses payloads above its own limit.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    public WalClient(IActorRef log, TimeSpan timeout, int? maxPayloadBytes = null)
        : this(DirectRoute.To(log), timeout, maxPayloadBytes)
    {
    }

    /// <summary>A client of a log with another route than its manager's reference.</summary>
    /// <param name="route">The route.</param>
    /// <param name="timeout">As in the other constructor.</param>
    /// <param name="maxPayloadBytes">As in the other constructor.</param>
    internal WalClient(ILogRoute route, TimeSpan timeout, int? maxPayloadBytes = null)
    {
        _route = route;
        Timeout = Setting.Positive(timeout, ConfigSection.LongestWait, nameof(timeout));
        _maxPayloadBytes = Setting.Within(
            maxPayloadBytes ?? Frame.MaxPayloadBytes, 1, Frame.MaxPayloadBytes, nameof(maxPayloadBytes));
    }

    /// <summary>How long to wait for a reply.</summary>
    internal TimeSpan Timeout { get; }

    /// <inheritdoc/>
    public async Task<long> AppendAsync(
        ReadOnlyMemory<byte> payload, long? expectedOffset = null, CancellationToken cancellation = default)
    {
        ThrowIfTooLarge(payload);
        ThrowIfNegative(expectedOffset ?? 0);
        var append = new Append(payload) { ExpectedOffset = expectedOffset };
        return (await Ask<Appended>(append, cancellation).ConfigureAwait(false)).Offset;
    }

    /// <inheritdoc/>
    public async Task<long> AppendBatchAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> payloads, long? expectedOffset = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(payloads);
        if (payloads.Count == 0) throw Invalid("a batch has at least one record");
        foreach (var payload in payloads) ThrowIfTooLarge(payload);
        ThrowIfNegative(expectedOffset ?? 0);
        var batch = new AppendBatch(payloads) { ExpectedOffset = expectedOffset };
        return (await Ask<BatchAppended>(batch, cancellation).ConfigureAwait(false)).FirstOffset;
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(long offset, CancellationToken cancellation = default)
    {
        ThrowIfNegative(offset);
        return (await Ask<RecordRead>(new Read(offset), cancellation).ConfigureAwait(false)).Payload;
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>?> TryReadAsync(long offset, CancellationToken cancellation = default)
    {
        ThrowIfNegative(offset);
        var request = new Read(offset);
        var reply = await Send(request, Timeout, cancellation).ConfigureAwait(false);
        if (reply is RequestFailed { Kind: FailureKind.NotFound }) return null;
        return Expect<RecordRead>(reply, request).Payload;
    }

    /// <inheritdoc/>
    public async Task<BatchRead> ReadBatchAsync(
        long offset, int maxRecords = 1000, int maxBytes = 1 << 20, CancellationToken cancellation = default)
    {
        ThrowIfNegative(offset);
        return await Ask<BatchRead>(new ReadBatch(offset, maxRecords, maxBytes), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<WalRecord> ScanAsync(
        long fromOffset, ScanOptions? options = null, CancellationToken cancellation = default) =>
        Stream(fromOffset, options, isLive: false, cancellation);

    /// <inheritdoc/>
    public IAsyncEnumerable<WalRecord> FollowAsync(
        long fromOffset, ScanOptions? options = null, CancellationToken cancellation = default) =>
        Stream(fromOffset, options, isLive: true, cancellation);

    /// <inheritdoc/>
    public async Task<RecordLocated> LocateAsync(long offset, CancellationToken cancellation = default)
    {
        ThrowIfNegative(offset);
        return await Ask<RecordLocated>(new Locate(offset), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<LogInfo> GetInfoAsync(CancellationToken cancellation = default) =>
        Ask<LogInfo>(new GetLogInfo(), cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SegmentInfo>> GetSegmentsAsync(CancellationToken cancellation = default)
    {
        var list = await Ask<SegmentList>(new GetSegments(), cancellation).ConfigureAwait(false);
        if (list.ContinueAt is null) return list.Segments;
        List<SegmentInfo> segments = [.. list.Segments];
        while (list.ContinueAt is { } offset)
        {
            var rest = new GetSegments { FromOffset = offset };
            list = await Ask<SegmentList>(rest, cancellation).ConfigureAwait(false);
            segments.AddRange(list.Segments);
        }
        return segments;
    }

    /// <inheritdoc/>
    public async Task<long> SyncAsync(CancellationToken cancellation = default) =>
        (await Ask<LogSynced>(new SyncLog(), cancellation).ConfigureAwait(false)).DurableOffset;

    /// <inheritdoc/>
    public Task<FloorHeld> HoldFloorAsync(string name, long offset, CancellationToken cancellation = default) =>
        Ask<FloorHeld>(new HoldFloor(name, offset), cancellation);

    /// <inheritdoc/>
    public Task ReleaseFloorAsync(string name, CancellationToken cancellation = default) =>
        Ask<FloorReleased>(new ReleaseFloor(name), cancellation);

    /// <summary>Sends any request; returns its reply, and throws if that is a failure.</summary>
    public async Task<TReply> Ask<TReply>(LogRequest request, CancellationToken cancellation = default)
        where TReply : LogReply
    {
        ArgumentNullException.ThrowIfNull(request);
        return Expect<TReply>(await Send(request, Timeout, cancellation).ConfigureAwait(false), request);
    }

    /// <summary>Waits until a record can be read at an offset or behind it, at most as long as for a reply.</summary>
    internal async Task<RecordAwaited> AwaitRecord(long offset, CancellationToken cancellation)
    {
        var longest = Protocol.AwaitRecord.LongestWait;
        var wait = new AwaitRecord(offset) { MaxWait = Timeout < longest ? Timeout : longest };
        // The reply is sent at the end of the wait, and needs time as any other reply.
        var patience = TimeSpan.FromMilliseconds(Math.Min((wait.MaxWait + Timeout).TotalMilliseconds, int.MaxValue));
        return Expect<RecordAwaited>(await Send(wait, patience, cancellation).ConfigureAwait(false), wait);
    }

    private IAsyncEnumerable<WalRecord> Stream(
        long fromOffset, ScanOptions? options, bool isLive, CancellationToken cancellation)
    {
        ThrowIfNegative(fromOffset);
        return new RecordStream(this, options ?? ScanOptions.Default, isLive).Read(fromOffset, cancellation);
    }

    private async Task<LogReply> Send(LogRequest request, TimeSpan timeout, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var activity = WalTracing.Start(request, _route.Name);
        try
        {
            var reply = await _route.Ask(request, timeout, cancellation).ConfigureAwait(false);
            WalTracing.Note(activity, reply);
            return reply;
        }
        catch (AskTimeoutException e)
        {
            var reason = $"no reply to {request.GetType().Name} within {timeout}";
            WalTracing.NoteFailure(activity, FailureKind.OutcomeUnknown, reason);
            throw new WalRequestException(FailureKind.OutcomeUnknown, reason, _route.Path, e);
        }
        catch (OperationCanceledException e) when (
            cancellation.IsCancellationRequested && request is Append or AppendBatch)
        {
            var reason = $"the wait for an append to {_route.Path} was cancelled: the append may have happened";
            WalTracing.NoteFailure(activity, FailureKind.OutcomeUnknown, reason);
            throw new OperationCanceledException(reason, e, cancellation);
        }
    }

    private TReply Expect<TReply>(LogReply reply, LogRequest request) where TReply : LogReply => reply switch
    {
        TReply expected => expected,
        RequestFailed failed => throw new WalRequestException(failed, _route.Path),
        RecordDamaged damaged => throw new WalRequestException(FailureKind.Unavailable, damaged.Reason, _route.Path)
        {
            DamagedOffset = damaged.Offset,
        },
        _ => throw new WalRequestException(
            FailureKind.OutcomeUnknown, $"{reply.GetType().Name} is no reply to {request.GetType().Name}", _route.Path),
    };

    private void ThrowIfTooLarge(ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > _maxPayloadBytes)
            throw Invalid($"the payload has {payload.Length} bytes: at most {_maxPayloadBytes} are allowed");
    }

    private void ThrowIfNegative(long offset)
    {
        if (offset < 0) throw Invalid($"an offset is 0 or more, not {offset}");
    }

    private WalRequestException Invalid(string reason) => new(FailureKind.Invalid, reason, _route.Path);
}
