using AkkaWal.Protocol;

namespace AkkaWal;

/// <summary>
/// A request to the log did not do what was asked; <see cref="Kind"/> says what its caller may conclude.
/// </summary>
public sealed class WalRequestException : Exception
{
    /// <summary>The log's own refusal.</summary>
    public WalRequestException(RequestFailed failure) : base(failure?.Reason) =>
        Kind = (failure ?? throw new ArgumentNullException(nameof(failure))).Kind;

    /// <summary>
    /// A failure that the caller's side found: no reply in time, or one that the request does not have.
    /// </summary>
    public WalRequestException(FailureKind kind, string reason, Exception? inner = null)
        : base(reason, inner) => Kind = kind;

    /// <summary>Tells "did not happen" from "cannot know".</summary>
    public FailureKind Kind { get; }
}
