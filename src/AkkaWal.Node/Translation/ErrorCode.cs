using AkkaWal.Protocol;

namespace AkkaWal.Node.Translation;

/// <summary>Maelstrom's error codes. The definite ones say that the operation did not happen and will not.</summary>
internal enum ErrorCode
{
    /// <summary>Another node did not answer in time; whether it happened is not known.</summary>
    Timeout = 0,

    /// <summary>Definite: the type is unknown.</summary>
    NotSupported = 10,

    /// <summary>Definite: not now.</summary>
    TemporarilyUnavailable = 11,

    /// <summary>Definite: a field is missing, of the wrong kind or out of range.</summary>
    MalformedRequest = 12,

    /// <summary>Whether it happened is not known.</summary>
    Crash = 13,

    /// <summary>Definite: it was given up.</summary>
    Abort = 14,

    /// <summary>Definite: the log does not hold that.</summary>
    KeyDoesNotExist = 20,

    /// <summary>Definite: not in the state that it takes.</summary>
    PreconditionFailed = 22,
}

/// <summary>How the log's failures are called on the wire.</summary>
internal static class ErrorCodes
{
    /// <summary>The code of a failure of the log.</summary>
    public static ErrorCode Of(FailureKind kind) => kind switch
    {
        FailureKind.Unavailable => ErrorCode.TemporarilyUnavailable,
        FailureKind.Invalid => ErrorCode.MalformedRequest,
        FailureKind.Aborted => ErrorCode.Abort,
        FailureKind.NotFound => ErrorCode.KeyDoesNotExist,
        FailureKind.Precondition => ErrorCode.PreconditionFailed,

        // What is not known to be definite must not be called so.
        _ => ErrorCode.Crash,
    };
}
