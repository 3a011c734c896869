using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Answers;

/// <summary>The kinds of failures by their causes.</summary>
internal static class FailureKinds
{
    /// <summary>The kind of what did not happen because of a failure.</summary>
    internal static FailureKind Of(WalException cause) =>
        cause is WalLackException or WalIOException { IsPassing: true } ? FailureKind.Aborted : OfLatch(cause);

    /// <summary>The kind of what is refused because of a failure that does not pass by itself.</summary>
    internal static FailureKind OfLatch(Exception cause)
    {
        for (var inner = cause; inner is not null; inner = inner.InnerException)
            if (inner is WalLockedException or WalIOException { IsNotOwned: true }) return FailureKind.NotOwned;
        return FailureKind.Unavailable;
    }
}
