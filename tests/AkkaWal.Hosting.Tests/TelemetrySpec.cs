using System.Diagnostics;
using System.Text.RegularExpressions;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.TestKit;
using AkkaWal.Tests.House;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace AkkaWal.Hosting.Tests;

/// <summary>What an exporter of OpenTelemetry gets of a log, held to what docs/OPERATING.md says.</summary>
public sealed partial class TelemetrySpec : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly Dictionary<string, MetricType[]> Kinds = new()
    {
        ["counter"] = [MetricType.LongSum],
        ["up-down counter"] = [MetricType.LongSumNonMonotonic],
        ["histogram"] = [MetricType.Histogram],
        ["gauge"] = [MetricType.LongGauge],
    };

    // The meter is the process's: other specs measure at the same time.
    private readonly string _name = $"log-{Guid.NewGuid():N}";
    private readonly SimulatedDisk _disk = new();
    private readonly ActorSystem _system = ActorSystem.Create("telemetry");

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _system.Terminate();

    [Fact]
    public async Task Every_instrument_of_the_manual_should_be_exported_with_unit_description_and_the_logs_name()
    {
        var exported = new List<MetricSnapshot>();
        using (Sdk.CreateMeterProviderBuilder()
            .AddMeter(WalMetrics.MeterName).AddInMemoryExporter(exported).Build())
        {
            await UseEverything();
        }

        var own = exported
            .Where(one => one.MetricPoints.Any(point => TagsOf(point).Contains((WalMetrics.LogTag, _name))))
            .ToDictionary(one => one.Name);
        var manual = Manual().ToList();
        Assert.InRange(manual.Count, 15, 30);
        Assert.Equal(manual.Select(one => one.Name).Order(), own.Keys.Order());
        Assert.All(manual, one =>
        {
            var metric = own[one.Name];
            Assert.Equal(one.Unit, metric.Unit);
            Assert.Contains(metric.MetricType, Kinds[one.Kind]);
            Assert.EndsWith(".", metric.Description, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Appends_and_reads_should_be_exported_as_activities()
    {
        var exported = new List<Activity>();
        using (Sdk.CreateTracerProviderBuilder()
            .AddSource(WalTracing.SourceName).AddInMemoryExporter(exported).Build())
        {
            var client = Open();
            await client.AppendAsync(new byte[10]);
            await client.ReadAsync(0);
            await Assert.ThrowsAsync<WalRequestException>(() => client.ReadAsync(5));
        }
        var own = exported.Where(one => (string?)one.GetTagItem(WalMetrics.LogTag) == _name).ToList();
        Assert.Equal(["akkawal.append", "akkawal.read", "akkawal.read"], own.Select(one => one.OperationName));
        Assert.Equal(
            [ActivityStatusCode.Unset, ActivityStatusCode.Unset, ActivityStatusCode.Error],
            own.Select(one => one.Status));
        Assert.Equal(0L, own[0].GetTagItem(WalTracing.OffsetTag));
        Assert.Equal("NotFound", own[2].GetTagItem(WalMetrics.KindTag));
    }

    private WalClient Open(Func<WalSettings, WalSettings>? adjust = null)
    {
        var settings = new WalSettings { Directory = "/log" };
        Wal.Get(_system).Open(_name, adjust?.Invoke(settings) ?? settings, _disk);
        return Wal.Get(_system).Client(_name, Patience);
    }

    // Each instrument has something to measure then.
    private async Task UseEverything()
    {
        var client = Open(s => s with { Retention = new RetentionPolicy { MaxSegments = 1 } });
        await client.AppendAsync(new byte[10]);
        await client.ReadAsync(0);
        await Assert.ThrowsAsync<WalRequestException>(() => client.ReadAsync(5));
        // Retention is to delete the oldest segments, and cannot.
        _disk.Fail(DiskOperationKind.Write, "MANIFEST.tmp", DiskFault.Error);
        for (var i = 0; i < 3; i++)
        {
            await client.Ask<SegmentSealed>(new SealActiveSegment());
            await client.AppendAsync(new byte[10]);
        }
        var began = Stopwatch.GetTimestamp();
        while ((await client.GetInfoAsync()).UpkeepProblem.Length == 0)
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, "retention did not fail");
    }

    private static IEnumerable<(string, object?)> TagsOf(MetricPoint point)
    {
        foreach (var tag in point.Tags) yield return (tag.Key, tag.Value);
    }

    // A row may name several instruments, with a unit for each or one for all.
    private static IEnumerable<(string Name, string Kind, string Unit)> Manual()
    {
        var text = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "OPERATING.md"));
        foreach (Match row in Row().Matches(text))
        {
            var names = Quoted().Matches(row.Groups["names"].Value).Select(match => match.Groups[1].Value).ToList();
            var units = Quoted().Matches(row.Groups["units"].Value).Select(match => match.Groups[1].Value).ToList();
            var kind = row.Groups["kind"].Value.Trim();
            for (var i = 0; i < names.Count; i++)
            {
                var unit = units[Math.Min(i, units.Count - 1)];
                yield return (names[i], names.Count > 1 ? kind.TrimEnd('s') : kind, unit);
            }
        }
    }

    [GeneratedRegex(@"^\| (?<names>`akkawal\.[^|]*)\|(?<kind>[^|]*)\|(?<units>[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]*)`")]
    private static partial Regex Quoted();
}
