using AkkaWal.Protocol;

namespace AkkaWal.Node.Translation;

/// <summary>Maelstrom's error codes. A definite one says that the operation did not happen and will not.</summary>
internal enum ErrorCode
{
    /// <summary>Another node did not answer in time. The outcome is unknown.</summary>
    Timeout = 0,

    /// <summary>Definite: the node does not support the type.</summary>
    NotSupported = 10,

    /// <summary>Definite: the operation can't be carried out now. A later try may succeed.</summary>
    TemporarilyUnavailable = 11,

    /// <summary>Definite: a field is missing, of the wrong kind or out of range.</summary>
    MalformedRequest = 12,

    /// <summary>The outcome is unknown.</summary>
    Crash = 13,

    /// <summary>Definite: the operation was given up.</summary>
    Abort = 14,

    /// <summary>Definite: the log does not hold the offset or the segment.</summary>
    KeyDoesNotExist = 20,

    /// <summary>Definite: the log or the segment is not in the state that the operation needs.</summary>
    PreconditionFailed = 22,
}

/// <summary>The error codes of the log's failures.</summary>
internal static class ErrorCodes
{
    /// <summary>The code for a kind of failure.</summary>
    public static ErrorCode Of(FailureKind kind) => kind switch
    {
        FailureKind.Unavailable or FailureKind.NotOwned => ErrorCode.TemporarilyUnavailable,
        FailureKind.Invalid => ErrorCode.MalformedRequest,
        FailureKind.Aborted => ErrorCode.Abort,
        FailureKind.NotFound => ErrorCode.KeyDoesNotExist,
        FailureKind.Precondition => ErrorCode.PreconditionFailed,

        // A kind that is not known to be definite must not get a definite code.
        _ => ErrorCode.Crash,
    };
}
