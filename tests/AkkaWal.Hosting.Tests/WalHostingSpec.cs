using Akka.Actor;
using Akka.Hosting;
using AkkaWal.Storage;
using AkkaWal.Tests;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace AkkaWal.Hosting.Tests;

public sealed class WalHostingSpec : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("wal-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private IHost Host(Func<WalSettings, WalSettings>? adjust = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddAkka("hosted", akka => akka.AddHocon(SerializationChecks.On, HoconAddMode.Prepend).WithWal(_directory, adjust: adjust));
        builder.Services.AddHealthChecks().AddWal();
        return builder.Build();
    }

    private static WalClient ClientOf(IHost host) => new(host.Services.GetRequiredService<IRequiredActor<LogManager>>().ActorRef, Patience);

    [Fact]
    public async Task Hosted_log_should_be_there_again_after_the_host_stopped()
    {
        using (var host = Host(s => s with { Options = s.Options with { Flush = FlushPolicy.OsCache } }))
        {
            await host.StartAsync();
            Assert.Equal(0, await ClientOf(host).AppendAsync(new byte[] { 1, 2, 3 }));
            await host.StopAsync();
        }
        using (var host = Host())
        {
            await host.StartAsync();
            Assert.Equal([1, 2, 3], (await ClientOf(host).ReadAsync(0)).ToArray());
            Assert.True((await ClientOf(host).GetInfoAsync()).IsFullyDurable);
            await host.StopAsync();
        }
    }

    [Fact]
    public async Task Health_check_should_tell_a_log_that_answers_from_one_that_is_locked()
    {
        using var first = Host();
        await first.StartAsync();
        Assert.Equal(HealthStatus.Healthy, (await ReportOf(first)).Status);
        using var second = Host();
        await second.StartAsync();
        var report = await ReportOf(second);
        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.Contains(_directory, report.Description, StringComparison.Ordinal);
        await second.StopAsync();
        await first.StopAsync();
    }

    [Fact]
    public async Task Health_check_should_tell_a_log_that_is_damaged_and_serves_reads()
    {
        using (var host = Host())
        {
            await host.StartAsync();
            await ClientOf(host).AppendAsync(new byte[] { 1, 2, 3 });
            await host.StopAsync();
        }
        File.Delete(Path.Combine(_directory, "MANIFEST"));
        using (var host = Host())
        {
            await host.StartAsync();
            Assert.Equal([1, 2, 3], (await ClientOf(host).ReadAsync(0)).ToArray());
            var report = await ReportOf(host);
            Assert.Equal(HealthStatus.Unhealthy, report.Status);
            Assert.Contains("MANIFEST", report.Description, StringComparison.Ordinal);
            await host.StopAsync();
        }
    }

    [Theory]
    [InlineData("max-segment-byte", "5", "akka-wal.max-segment-byte is not known; did you mean akka-wal.max-segment-bytes?")]
    [InlineData("flush", "sometimes", "akka-wal.flush must be always, interval or os-cache, not 'sometimes'")]
    public async Task Section_that_is_not_as_it_must_be_should_keep_the_host_from_starting(
        string key, string value, string expected)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new KeyValuePair<string, string?>($"akka-wal:{key}", value)]);
        builder.Services.AddAkka("hosted", akka => akka
            .AddHocon(builder.Configuration, HoconAddMode.Prepend)
            .WithWal(_directory));
        using var host = builder.Build();
        var problem = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
        Assert.Equal(expected, problem.GetBaseException().Message);
    }

    [Fact]
    public async Task Illegal_setting_should_fail_the_start_of_the_host_and_name_itself()
    {
        using var byHand = Host(s => s with { MaxOpenSegments = 0 });
        var problem = await Assert.ThrowsAnyAsync<ArgumentException>(() => byHand.StartAsync());
        Assert.Contains("MaxOpenSegments must be from 1 to 1048576", problem.Message, StringComparison.Ordinal);
    }

    private static async Task<HealthReportEntry> ReportOf(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["wal"];
}
