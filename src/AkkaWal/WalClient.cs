using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Configuration;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal;

/// <summary>
/// The client of a <see cref="LogManager"/>: one method a request of <see cref="LogRequest"/>. Actors better tell the
/// log themselves.
/// </summary>
public sealed class WalClient : IWalClient
{
    private readonly Func<ICanTell?> _find;
    private readonly string _path;
    private readonly string _name;
    private readonly int _maxPayloadBytes;

    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// A client of one actor; it holds nothing that has to be given back. A log that stops and is started again is
    /// another actor: <see cref="Wal.Client"/> makes a client that finds that one, too.
    /// </summary>
    /// <param name="log">A <see cref="LogManager"/>, here or on another node.</param>
    /// <param name="timeout">
    /// How long to wait for a reply, and how long a follower tries again what may pass; longer than zero, and 24 days
    /// at most.
    /// </param>
    /// <param name="maxPayloadBytes">
    /// The log's <see cref="WalOptions.MaxPayloadBytes"/>, where it is known here: larger payloads are not sent then.
    /// Null for the largest that any log takes; the log refuses what is larger than its own limit.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    public WalClient(IActorRef log, TimeSpan timeout, int? maxPayloadBytes = null)
    {
        ArgumentNullException.ThrowIfNull(log);
        (_find, _path, _name) = (() => log, log.Path.ToString(), LogPaths.NameOf(log.Path));
        Timeout = Setting.Positive(timeout, ConfigSection.LongestWait, nameof(timeout));
        _maxPayloadBytes = Setting.Within(
            maxPayloadBytes ?? Frame.MaxPayloadBytes, 1, Frame.MaxPayloadBytes, nameof(maxPayloadBytes));
    }

    /// <summary>A client that looks its log up for each request.</summary>
    /// <param name="find">The log, or null while it is closed. For any thread.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="timeout">As in the other constructor.</param>
    internal WalClient(Func<ICanTell?> find, ActorPath path, TimeSpan timeout)
    {
        (_find, _path, _name) = (find, path.ToString(), LogPaths.NameOf(path));
        Timeout = Setting.Positive(timeout, ConfigSection.LongestWait, nameof(timeout));
        _maxPayloadBytes = Frame.MaxPayloadBytes;
    }

    /// <summary>How long a reply is waited for.</summary>
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

    /// <summary>Sends any request; returns the reply that it has when it succeeds.</summary>
    public async Task<TReply> Ask<TReply>(LogRequest request, CancellationToken cancellation = default)
        where TReply : LogReply
    {
        ArgumentNullException.ThrowIfNull(request);
        return Expect<TReply>(await Send(request, Timeout, cancellation).ConfigureAwait(false), request);
    }

    /// <summary>Waits until a record can be read at an offset or behind it, or for as long as a reply.</summary>
    internal async Task<RecordAwaited> AwaitRecord(long offset, CancellationToken cancellation)
    {
        var longest = Protocol.AwaitRecord.LongestWait;
        var wait = new AwaitRecord(offset) { MaxWait = Timeout < longest ? Timeout : longest };
        // The reply comes at the end of the wait, and then takes its time as any other.
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
        using var activity = WalTracing.Start(request, _name);
        try
        {
            var log = TryFind() ?? await AwaitOpen(cancellation).ConfigureAwait(false);
            var reply = request is AwaitRecord wait
                ? await Await(log, wait, timeout, cancellation).ConfigureAwait(false)
                : await log.Ask<LogReply>(request, timeout, cancellation).ConfigureAwait(false);
            WalTracing.Note(activity, reply);
            return reply;
        }
        catch (AskTimeoutException e)
        {
            var reason = $"no reply to {request.GetType().Name} within {timeout}";
            WalTracing.NoteFailure(activity, FailureKind.OutcomeUnknown, reason);
            throw new WalRequestException(FailureKind.OutcomeUnknown, reason, _path, e);
        }
        catch (OperationCanceledException e) when (
            cancellation.IsCancellationRequested && request is Append or AppendBatch)
        {
            var reason = $"the wait for an append to {_path} was cancelled: the append may have happened";
            WalTracing.NoteFailure(activity, FailureKind.OutcomeUnknown, reason);
            throw new OperationCanceledException(reason, e, cancellation);
        }
    }

    // A wait that is cancelled leaves the log at once, and not when its time is up.
    private static async Task<LogReply> Await(
        ICanTell log, AwaitRecord wait, TimeSpan timeout, CancellationToken cancellation)
    {
        IActorRef? asker = null;
        try
        {
            return await log.Ask<LogReply>(self => Ask(self), timeout, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (asker is not null)
        {
            log.Tell(new CancelWait(wait.RequestId), asker);
            throw;
        }

        AwaitRecord Ask(IActorRef self)
        {
            asker = self;
            return wait;
        }
    }

    // Somebody has closed the log, and may open it again.
    private async Task<ICanTell> AwaitOpen(CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        for (var delay = FirstLook; Stopwatch.GetElapsedTime(began) + delay < Timeout; delay *= 2)
        {
            await Task.Delay(delay, cancellation).ConfigureAwait(false);
            if (TryFind() is { } log) return log;
        }
        throw Unavailable($"the log {_name} was closed, and was not opened again within {Timeout}");
    }

    private ICanTell? TryFind()
    {
        try
        {
            return _find();
        }
        catch (Exception e) when (e is WalConfigException or InvalidOperationException)
        {
            throw Unavailable($"the log {_name} cannot be opened: {e.Message}");
        }
    }

    private TReply Expect<TReply>(LogReply reply, LogRequest request) where TReply : LogReply => reply switch
    {
        TReply expected => expected,
        RequestFailed failed => throw new WalRequestException(failed, _path),
        RecordDamaged damaged => throw new WalRequestException(FailureKind.Unavailable, damaged.Reason, _path)
        {
            DamagedOffset = damaged.Offset,
        },
        _ => throw new WalRequestException(
            FailureKind.OutcomeUnknown, $"{reply.GetType().Name} is no reply to {request.GetType().Name}", _path),
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

    private WalRequestException Unavailable(string reason) => new(FailureKind.Unavailable, reason, _path);

    private WalRequestException Invalid(string reason) => new(FailureKind.Invalid, reason, _path);
}
