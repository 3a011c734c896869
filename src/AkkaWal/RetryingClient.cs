using AkkaWal.Protocol;
using AkkaWal.Routes;

namespace AkkaWal;

/// <summary>
/// Sends a request again if it failed for a reason that may pass, for as long as the client's time-out. Only for
/// requests that may be carried out twice.
/// </summary>
/// <param name="client">The client of the log.</param>
internal sealed class RetryingClient(WalClient client)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>As <see cref="WalClient.Ask"/>.</summary>
    internal Task<TReply> Ask<TReply>(LogRequest request, CancellationToken cancellation) where TReply : LogReply =>
        Retry(() => client.Ask<TReply>(request, cancellation), cancellation);

    /// <summary>As <see cref="WalClient.AwaitRecord"/>.</summary>
    internal Task<RecordAwaited> AwaitRecord(long offset, CancellationToken cancellation) =>
        Retry(() => client.AwaitRecord(offset, cancellation), cancellation);

    private async Task<T> Retry<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        RetryPauses? pauses = null;
        while (true)
        {
            try
            {
                return await ask().ConfigureAwait(false);
            }
            catch (WalRequestException e) when (MayPass(e))
            {
                pauses ??= new RetryPauses(FirstPause, LongestPause, client.Timeout);
                if (!await pauses.TryPause(cancellation).ConfigureAwait(false)) throw;
            }
        }
    }

    private static bool MayPass(WalRequestException failure) => failure.DamagedOffset is null
        && failure.Kind is FailureKind.Unavailable or FailureKind.Aborted or FailureKind.OutcomeUnknown
            or FailureKind.NotOwned;
}
