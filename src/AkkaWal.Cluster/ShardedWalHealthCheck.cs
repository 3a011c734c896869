using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AkkaWal.Cluster;

/// <summary>
/// Healthy if this node's region or proxy reaches the coordinator of the shards, at least one node has logs, and this
/// node's root is there and its own. Degraded while nodes with disks of their own can't be reached. The check opens no
/// log.
/// </summary>
/// <param name="region">The region's name.</param>
public sealed class ShardedWalHealthCheck(string region) : IAkkaHealthCheck
{
    // How long the coordinator, and then the file system, may take to answer.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(
        AkkaHealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        // A caller may create a context without a registration.
        var failure = context.Registration?.FailureStatus ?? HealthStatus.Unhealthy;
        try
        {
            var logs = ShardedWals.Get(context.ActorSystem)[region];
            var regions = await logs.Region.Ask<CurrentRegions>(GetCurrentRegions.Instance, Timeout, cancellationToken)
                .ConfigureAwait(false);
            if (regions.Regions.Count == 0) return new HealthCheckResult(failure, $"no node has logs of {region}");
            var unusable = await Task.Run(logs.WhyRootNotUsable, cancellationToken)
                .WaitAsync(Timeout, cancellationToken).ConfigureAwait(false);
            if (unusable is not null) return new HealthCheckResult(failure, unusable);
            var away = string.Join(", ", logs.AwayRoles);
            return away.Length > 0
                ? HealthCheckResult.Degraded($"away, with their logs: {away}")
                : HealthCheckResult.Healthy($"{regions.Regions.Count} nodes have logs of {region}");
        }
        catch (AskTimeoutException e)
        {
            return new HealthCheckResult(failure, $"the coordinator of {region} does not answer", e);
        }
        catch (TimeoutException e)
        {
            return new HealthCheckResult(failure, $"the file system with the logs of {region} does not answer", e);
        }
        catch (WalConfigException e)
        {
            return new HealthCheckResult(failure, e.Message, e);
        }
    }
}
