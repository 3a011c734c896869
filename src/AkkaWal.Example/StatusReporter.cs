using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AkkaWal.Example;

/// <summary>
/// Writes the shop's health to the program's log, at the start and then every few seconds. A web application has a
/// health endpoint instead.
/// </summary>
public sealed class StatusReporter(HealthCheckService health, ILogger<StatusReporter> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        do
        {
            var report = await health.CheckHealthAsync(stoppingToken);
            logger.LogInformation(
                "{Status}: {Checks}", report.Status,
                string.Join(", ", report.Entries.Select(entry => $"{entry.Key} {entry.Value.Description}")));
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
