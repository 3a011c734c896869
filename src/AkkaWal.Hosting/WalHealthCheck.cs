using Akka.Actor;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AkkaWal.Hosting;

/// <summary>
/// Healthy while the log takes appends. Otherwise it reports why not: the log is locked, damaged, closed, or a failure
/// is latched. Degraded while the log takes appends and retention fails. It appends nothing.
/// </summary>
/// <param name="log">The log's manager.</param>
public sealed class WalHealthCheck(IActorRef log) : IHealthCheck
{
    // How long the check waits for the log's answer.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            var info = await new WalClient(log, Timeout).GetInfoAsync(cancellationToken).ConfigureAwait(false);
            if (info.ReadOnlyReason.Length > 0)
                return new HealthCheckResult(context.Registration.FailureStatus, info.ReadOnlyReason);
            if (info.UpkeepProblem.Length > 0) return HealthCheckResult.Degraded(info.UpkeepProblem);
            return HealthCheckResult.Healthy(
                $"{info.EntryCount} records, {info.TotalBytes} bytes, next offset {info.NextOffset}");
        }
        catch (WalRequestException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
        }
    }
}
