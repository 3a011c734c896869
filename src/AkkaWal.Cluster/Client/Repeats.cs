using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Client;

/// <summary>
/// Tells which requests may be carried out twice, and finds out the outcome of a request that was sent several times.
/// </summary>
internal static class Repeats
{
    /// <summary>Whether a request does no harm if it is carried out twice.</summary>
    internal static bool IsHarmless(LogRequest request) => request switch
    {
        IAppend append => append.ExpectedOffset is not null,
        Read or ReadBatch or Locate or GetLogInfo or GetSegments or SyncLog or AwaitRecord => true,
        HoldFloor or ReleaseFloor or SetSegmentLimit => true,
        _ => false,
    };

    /// <summary>
    /// Whether a try of a request also does no harm if it is carried out after a later one. A floor or a limit that
    /// comes late would replace a newer one.
    /// </summary>
    internal static bool IsHarmlessLate(LogRequest request) =>
        IsHarmless(request) && request is not (HoldFloor or ReleaseFloor or SetSegmentLimit);

    /// <summary>
    /// Whether a reply refuses an append since the log has no record at the expected offset yet. Then no try of this
    /// append has happened.
    /// </summary>
    internal static bool IsBeforeExpected(LogRequest request, LogReply reply) =>
        request is IAppend { ExpectedOffset: { } expected }
        && reply is RequestFailed { Kind: FailureKind.Precondition, NextOffset: { } next } && next <= expected;

    /// <summary>
    /// The outcome of a request that was sent several times, and of which an earlier try may have been carried out.
    /// </summary>
    /// <param name="request">A harmless request.</param>
    /// <param name="reply">The reply to the last try.</param>
    /// <param name="ask">Sends a question to the log.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal static async Task<LogReply> Resolve(
        LogRequest request, LogReply reply, Func<LogRequest, Task<LogReply>> ask, CancellationToken cancellation)
    {
        if (request is not IAppend { ExpectedOffset: { } expected } || reply is not RequestFailed failed) return reply;
        if (failed is not { Kind: FailureKind.Precondition, NextOffset: { } next })
            return new RequestFailed(
                FailureKind.OutcomeUnknown,
                $"an earlier try may have happened; the last one did not: {failed.Reason}",
                request.RequestId);
        if (IsBeforeExpected(request, reply)) return reply;
        var own = request is AppendBatch batch
            ? batch.Payloads : [((Append)request).Payload];
        if (next < expected + own.Count) return reply;

        for (var at = 0; at < own.Count;)
        {
            cancellation.ThrowIfCancellationRequested();
            var answer = await ask(new ReadBatch(expected + at, own.Count - at, ReadBatch.MostBytes))
                .ConfigureAwait(false);
            if (answer is not BatchRead { Payloads: { Count: > 0 } there })
                return new RequestFailed(
                    FailureKind.OutcomeUnknown,
                    $"the record at offset {expected} could not be read: it may be the one that was appended",
                    request.RequestId);
            for (var i = 0; i < there.Count; i++, at++)
                if (!there[i].Span.SequenceEqual(own[at].Span)) return reply;
        }
        return request is AppendBatch
            ? new BatchAppended(expected, own.Count, request.RequestId)
            : new Appended(expected, request.RequestId);
    }
}
