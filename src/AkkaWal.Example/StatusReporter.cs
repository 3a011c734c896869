using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AkkaWal.Example;

/// <summary>
/// Writes health and some metrics to the program's log. A real application uses an exporter of OpenTelemetry and a
/// health endpoint.
/// </summary>
public sealed class StatusReporter(HealthCheckService health, ILogger<StatusReporter> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, double> _sums = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument is Counter<long> && instrument.Meter.Name is WalMetrics.MeterName or "AkkaWal.Example")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, count, _, _) =>
            _sums.AddOrUpdate(instrument.Name, count, (_, sum) => sum + count));
        listener.Start();
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var report = await health.CheckHealthAsync(stoppingToken);
            var sums = string.Join(", ", _sums.OrderBy(sum => sum.Key).Select(sum => $"{sum.Key} {sum.Value}"));
            logger.LogInformation("{Status}; {Sums}", report.Status, sums);
        }
    }
}
