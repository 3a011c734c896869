using System.Text.Json;
using AkkaWal.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AkkaWal.Example;

/// <summary>Takes orders. Each order is in the log and on the disk before it is confirmed.</summary>
public sealed class OrderTaker(
    [FromKeyedServices("orders")] IWalClient log, ShopOptions options, IHostApplicationLifetime host,
    ILogger<OrderTaker> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var next = (await log.GetInfoAsync(stoppingToken)).NextOffset;
        for (var taken = 0; options.Orders == 0 || taken < options.Orders; taken++)
        {
            var order = JsonSerializer.SerializeToUtf8Bytes(new Order(next, $"item {next % 7}", (int)(next % 3) + 1));
            next = await AppendOnceAsync(order, next, stoppingToken) + 1;
            await Task.Delay(Pause, stoppingToken);
        }
        logger.LogInformation("took {Orders} orders", options.Orders);
        host.StopApplication();
    }

    // If the outcome is unknown, the order is sent again. The expected offset keeps it from being in the log twice:
    // this is the log's only writer, so a higher next offset means that the first try happened.
    private async Task<long> AppendOnceAsync(byte[] order, long expected, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                return await log.AppendAsync(order, expected, stopping);
            }
            catch (WalRequestException e) when (e.Kind is FailureKind.Precondition && e.NextOffset == expected + 1)
            {
                return expected;
            }
            catch (WalRequestException e) when (e.Kind
                is FailureKind.Unavailable or FailureKind.Aborted or FailureKind.OutcomeUnknown)
            {
                logger.LogWarning("order {Offset} is tried again: {Reason}", expected, e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), stopping);
            }
        }
    }
}
