using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AkkaWal.Example;

/// <summary>
/// Follows the orders and bills each one at least once. It keeps its position in a file and holds a floor there, so
/// that retention deletes no order that is not billed.
/// </summary>
public sealed class BillingConsumer(
    [FromKeyedServices("orders")] IWalClient log, ShopOptions options, ShopMetrics metrics,
    ILogger<BillingConsumer> logger) : BackgroundService
{
    private const string Name = "billing";

    // The most orders that are billed twice after a crash.
    private const int OrdersPerPosition = 100;

    private string PositionFile => Path.Combine(options.Directory, "billing.position");

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var position = LoadPosition();
        // Floors are not stored, so hold it first after each start.
        var held = await log.HoldFloorAsync(Name, position, stoppingToken);
        if (held.StartOffset > position)
        {
            logger.LogWarning(
                "orders {First} to {Last} were deleted before they were billed", position, held.StartOffset - 1);
            position = held.StartOffset;
        }
        try
        {
            await foreach (var record in log.FollowAsync(position, cancellation: stoppingToken))
            {
                var order = JsonSerializer.Deserialize<Order>(record.Payload.Span)!;
                metrics.NoteBilled(order.Count);
                position = record.Offset + 1;
                if (position % OrdersPerPosition == 0) await SaveAsync(position, stoppingToken);
            }
        }
        finally
        {
            SavePosition(position);
            logger.LogInformation("billed up to order {Order}", position - 1);
        }
    }

    private async Task SaveAsync(long position, CancellationToken stopping)
    {
        SavePosition(position);
        await log.HoldFloorAsync(Name, position, stopping);
    }

    // After a power cut the file may be old or empty. Then orders are billed again.
    private long LoadPosition() => File.Exists(PositionFile)
        && long.TryParse(File.ReadAllText(PositionFile), CultureInfo.InvariantCulture, out var position) ? position : 0;

    // A partly written position would be wrong, so the new file replaces the old one as a whole.
    private void SavePosition(long position)
    {
        File.WriteAllText(PositionFile + ".new", position.ToString(CultureInfo.InvariantCulture));
        File.Move(PositionFile + ".new", PositionFile, overwrite: true);
    }
}
