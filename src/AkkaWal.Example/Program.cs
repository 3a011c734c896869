using Akka.Hosting;
using AkkaWal;
using AkkaWal.Example;
using AkkaWal.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

// dotnet run --project src/AkkaWal.Example -- --Shop:Directory ./shop --Shop:Orders 1000
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Information);
builder.Services.AddSingleton(ShopOptions.From(builder.Configuration));

builder.Services.AddAkka("shop", (akka, services) => akka
    .WithWal("orders", o =>
    {
        o.Directory = Path.Combine(services.GetRequiredService<ShopOptions>().Directory, "orders");
        o.MaxSegmentBytes = 64 << 10;
    }));
builder.Services.AddWalClient("orders");
builder.Services.AddHealthChecks().AddWal("orders");

// An application with a collector has AddOtlpExporter() here, of OpenTelemetry.Exporter.OpenTelemetryProtocol. The last
// export is at the host's end.
builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
    .AddMeter(WalMetrics.MeterName, ShopMetrics.MeterName)
    .AddConsoleExporter());

builder.Services.AddSingleton<ShopMetrics>();
builder.Services.AddHostedService<OrderTaker>();
builder.Services.AddHostedService<BillingConsumer>();
builder.Services.AddHostedService<StatusReporter>();
await builder.Build().RunAsync();
