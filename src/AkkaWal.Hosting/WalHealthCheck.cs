using Akka.Actor;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AkkaWal.Hosting;

/// <summary>
/// Healthy while the log takes appends: one that is locked, damaged, latched after a failure or closed says why. Degraded where it takes
/// them and retention fails. Appends nothing.
/// </summary>
/// <param name="log">The log's manager.</param>
public sealed class WalHealthCheck(IActorRef log) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            var info = await new WalClient(log, Patience).GetInfoAsync(cancellationToken).ConfigureAwait(false);
            if (info.ReadOnlyReason.Length > 0) return new HealthCheckResult(context.Registration.FailureStatus, info.ReadOnlyReason);
            if (info.UpkeepProblem.Length > 0) return HealthCheckResult.Degraded(info.UpkeepProblem);
            return HealthCheckResult.Healthy($"{info.EntryCount} records, {info.TotalBytes} bytes, next offset {info.NextOffset}");
        }
        catch (WalRequestException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
        }
    }
}
