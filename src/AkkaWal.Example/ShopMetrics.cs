using System.Diagnostics.Metrics;

namespace AkkaWal.Example;

/// <summary>The shop's own metrics, in addition to the log's.</summary>
public sealed class ShopMetrics : IDisposable
{
    /// <summary>The meter's name, for OpenTelemetry's AddMeter.</summary>
    public const string MeterName = "AkkaWal.Example";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _billed;

    /// <summary>Makes the instruments.</summary>
    public ShopMetrics() =>
        _billed = _meter.CreateCounter<long>("shop.items.billed", "{item}", "Items that were billed.");

    /// <summary>An order was billed.</summary>
    public void NoteBilled(int items) => _billed.Add(items);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
