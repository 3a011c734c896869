using AkkaWal.Protocol;

namespace AkkaWal;

/// <summary>
/// A request to the log failed. <see cref="Kind"/> says what the caller may conclude. The message has the reason, the
/// log, and what to do.
/// </summary>
public sealed class WalRequestException : Exception
{
    /// <summary>A failure that the log replied.</summary>
    /// <param name="failure">The log's reply.</param>
    /// <param name="log">The path of the log's actor; "" if it is not known.</param>
    public WalRequestException(RequestFailed failure, string log = "")
        : this((failure ?? throw new ArgumentNullException(nameof(failure))).Kind, failure.Reason, log) =>
        NextOffset = failure.NextOffset;

    /// <summary>
    /// A failure that the client found: no reply in time, a reply of the wrong type, or a request that no log takes.
    /// </summary>
    /// <param name="kind">What the caller may conclude.</param>
    /// <param name="reason">The reason, for operators.</param>
    /// <param name="log">The path of the log's actor; "" if it is not known.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public WalRequestException(FailureKind kind, string reason, string log = "", Exception? inner = null)
        : base($"{reason} ({(log.Length == 0 ? "" : $"log {log}; ")}{AdviceOf(kind)})", inner) =>
        (Kind, Log) = (kind, log);

    /// <summary>Whether the request did not happen, or its outcome is unknown.</summary>
    public FailureKind Kind { get; }

    /// <summary>The path of the log's actor; "" if it is not known.</summary>
    public string Log { get; }

    /// <summary>As <see cref="RequestFailed.NextOffset"/>.</summary>
    public long? NextOffset { get; }

    /// <summary>
    /// The offset of the record whose bytes do not match their checksum, if that is the failure; otherwise null.
    /// </summary>
    public long? DamagedOffset { get; init; }

    private static string AdviceOf(FailureKind kind) => kind switch
    {
        FailureKind.Unavailable => "it did not happen: try again later, and look at the log's info where it lasts",
        FailureKind.Invalid => "it did not happen: change the request",
        FailureKind.Aborted => "it did not happen: try again when there is room",
        FailureKind.NotFound => "ask for what the log holds",
        FailureKind.Precondition => "it did not happen: look at the log, and ask for what fits its state",
        FailureKind.NotOwned => "it did not happen: ask the process that has the log, or try again when that has ended",
        _ => "it may have happened: read the end of the log, or repeat an append with the same expected offset",
    };
}
