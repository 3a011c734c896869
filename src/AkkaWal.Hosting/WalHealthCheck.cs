using Akka.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AkkaWal.Hosting;

/// <summary>
/// Healthy while the log takes appends. Otherwise it reports the reason: the log is locked, damaged or closed, or a
/// failure is latched. Degraded while the log takes appends but retention fails. It writes nothing.
/// </summary>
/// <param name="log">The log's name, as in <see cref="Wal.Log"/>.</param>
public sealed class WalHealthCheck(string log) : IAkkaHealthCheck
{
    // How long the check waits for the log's answer.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(
        AkkaHealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        // A context that a caller has created may lack a registration.
        var failure = context.Registration?.FailureStatus ?? HealthStatus.Unhealthy;
        try
        {
            var client = Wal.Get(context.ActorSystem).Client(log, Timeout);
            var info = await client.GetInfoAsync(cancellationToken).ConfigureAwait(false);
            if (info.ReadOnlyReason.Length > 0) return new HealthCheckResult(failure, info.ReadOnlyReason);
            if (info.UpkeepProblem.Length > 0) return HealthCheckResult.Degraded(info.UpkeepProblem);
            return HealthCheckResult.Healthy(
                $"{info.EntryCount} records, {info.TotalBytes} bytes, next offset {info.NextOffset}");
        }
        catch (Exception e) when (e is WalRequestException or WalConfigException)
        {
            return new HealthCheckResult(failure, e.Message, e);
        }
    }
}
