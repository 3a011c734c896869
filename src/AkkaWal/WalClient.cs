using Akka.Actor;
using AkkaWal.Configuration;
using AkkaWal.Protocol;
using AkkaWal.Routes;
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
    public Task<long> AppendAsync(
        ReadOnlyMemory<byte> payload, long? expectedOffset = null, CancellationToken cancellation = default)
    {
        if ((TooLarge(payload) ?? Negative(expectedOffset ?? 0)) is { } invalid)
            return Task.FromException<long>(invalid);
        var append = new Append(payload) { ExpectedOffset = expectedOffset };
        return Send<Appended, long>(append, Timeout, static reply => reply.Offset, cancellation);
    }

    /// <inheritdoc/>
    public Task<long> AppendBatchAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> payloads, long? expectedOffset = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(payloads);
        if ((WhyInvalid(payloads) ?? Negative(expectedOffset ?? 0)) is { } invalid)
            return Task.FromException<long>(invalid);
        var batch = new AppendBatch(payloads) { ExpectedOffset = expectedOffset };
        return Send<BatchAppended, long>(batch, Timeout, static reply => reply.FirstOffset, cancellation);
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>> ReadAsync(long offset, CancellationToken cancellation = default) =>
        Negative(offset) is { } invalid
            ? Task.FromException<ReadOnlyMemory<byte>>(invalid)
            : Send<RecordRead, ReadOnlyMemory<byte>>(
                new Read(offset), Timeout, static reply => reply.Payload, cancellation);

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>?> TryReadAsync(long offset, CancellationToken cancellation = default)
    {
        ThrowIfNegative(offset);
        var request = new Read(offset);
        var reply = await Send<LogReply, LogReply>(request, Timeout, static reply => reply, cancellation)
            .ConfigureAwait(false);
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
    public Task<TReply> Ask<TReply>(LogRequest request, CancellationToken cancellation = default)
        where TReply : LogReply
    {
        ArgumentNullException.ThrowIfNull(request);
        return Send<TReply, TReply>(request, Timeout, static reply => reply, cancellation);
    }

    /// <summary>Waits until a record can be read at an offset or behind it, at most as long as for a reply.</summary>
    internal Task<RecordAwaited> AwaitRecord(long offset, CancellationToken cancellation)
    {
        var longest = Protocol.AwaitRecord.LongestWait;
        var wait = new AwaitRecord(offset) { MaxWait = Timeout < longest ? Timeout : longest };
        // The reply is sent at the end of the wait, and needs time as any other reply.
        var patience = TimeSpan.FromMilliseconds(Math.Min((wait.MaxWait + Timeout).TotalMilliseconds, int.MaxValue));
        return Send<RecordAwaited, RecordAwaited>(wait, patience, static reply => reply, cancellation);
    }

    private IAsyncEnumerable<WalRecord> Stream(
        long fromOffset, ScanOptions? options, bool isLive, CancellationToken cancellation)
    {
        ThrowIfNegative(fromOffset);
        return new RecordStream(this, options ?? ScanOptions.Default, isLive).Read(fromOffset, cancellation);
    }

    // One async method for a request's whole way: each further one would make an object and a continuation of its own.
    private async Task<TResult> Send<TReply, TResult>(
        LogRequest request, TimeSpan timeout, Func<TReply, TResult> select, CancellationToken cancellation)
        where TReply : LogReply
    {
        cancellation.ThrowIfCancellationRequested();
        using var activity = WalTracing.Start(request, _route.Name);
        LogReply reply;
        try
        {
            reply = await _route.Ask(request, timeout, cancellation).ConfigureAwait(false);
        }
        catch (WalRequestException e)
        {
            WalTracing.NoteFailure(activity, e.Kind, e.Message);
            throw;
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
        WalTracing.Note(activity, reply);
        return select(Expect<TReply>(reply, request));
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

    private WalRequestException? WhyInvalid(IReadOnlyList<ReadOnlyMemory<byte>> batch)
    {
        if (batch.Count == 0) return Invalid("a batch has at least one record");
        foreach (var payload in batch)
            if (TooLarge(payload) is { } invalid) return invalid;
        return null;
    }

    private WalRequestException? TooLarge(ReadOnlyMemory<byte> payload) => payload.Length > _maxPayloadBytes
        ? Invalid($"the payload has {payload.Length} bytes: at most {_maxPayloadBytes} are allowed")
        : null;

    private WalRequestException? Negative(long offset) =>
        offset < 0 ? Invalid($"an offset is 0 or more, not {offset}") : null;

    private void ThrowIfNegative(long offset)
    {
        if (Negative(offset) is { } invalid) throw invalid;
    }

    private WalRequestException Invalid(string reason) => new(FailureKind.Invalid, reason, _route.Path);
}
