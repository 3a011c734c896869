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

    [Fact]
    public async Task Hosted_log_should_be_there_again_after_the_host_stopped()
    {
        using (var host = OrdersHost(o => o.Flush = FlushPolicy.OsCache))
        {
            await host.StartAsync();
            Assert.Equal(0, await ClientOf(host).AppendAsync(new byte[] { 1, 2, 3 }));
            await host.StopAsync();
        }
        using (var host = OrdersHost())
        {
            await host.StartAsync();
            Assert.Equal([1, 2, 3], (await ClientOf(host).ReadAsync(0)).ToArray());
            Assert.True((await ClientOf(host).GetInfoAsync()).IsFullyDurable);
            await host.StopAsync();
        }
    }

    [Fact]
    public async Task Logs_should_be_found_by_key_by_name_and_as_clients()
    {
        using var host = Host(
            akka => akka
                .WithWal<Orders>("orders", o => o.Directory = Below("orders"))
                .WithWal<Audit>("audit", o => o.Directory = Below("audit"))
                .WithWal("by-name", o => o.Directory = Below("by-name")),
            services => services.AddWalClient("orders", Patience).AddWalClient("by-name", Patience));
        await host.StartAsync();
        var wal = Wal.Get(host.Services.GetRequiredService<ActorSystem>());
        Assert.Same(wal.Log("orders"), RefOf<Orders>(host));
        Assert.Same(wal.Log("audit"), RefOf<Audit>(host));
        Assert.NotSame(RefOf<Orders>(host), RefOf<Audit>(host));

        await host.Services.GetRequiredKeyedService<WalClient>("orders").AppendAsync(new byte[] { 1 });
        await host.Services.GetRequiredKeyedService<IWalClient>("by-name").AppendAsync(new byte[] { 2 });
        var client = new WalClient(wal.Log("by-name"), Patience);
        Assert.Equal([2], (await client.ReadAsync(0)).ToArray());
        Assert.Equal(0, (await new WalClient(RefOf<Audit>(host), Patience).GetInfoAsync()).EntryCount);
        await host.StopAsync();
    }

    [Fact]
    public async Task Section_of_the_hosts_configuration_should_describe_a_log()
    {
        using var host = Host(
            (akka, configuration) => akka.WithWal<Orders>("orders", configuration.GetSection("Wal:Orders")),
            ("Wal:Orders:Directory", _directory),
            ("Wal:Orders:Flush", "Interval"),
            ("Wal:Orders:Retention:MaxSegments", "5"));
        await host.StartAsync();
        var settings = Wal.Get(host.Services.GetRequiredService<ActorSystem>()).SettingsOf("orders");
        Assert.Equal((_directory, 5), (settings.Directory, settings.Retention.MaxSegments));
        Assert.Equal(FlushPolicy.Interval, settings.Options.Flush);
        await ClientOf(host).AppendAsync(new byte[] { 1 });
        Assert.True(File.Exists(Below("MANIFEST")));
        await host.StopAsync();
    }

    [Fact]
    public async Task Options_should_hold_over_HOCON_and_adjustments_over_both()
    {
        var clock = new CountingClock();
        using var host = Host((akka, configuration) => akka
            .AddHocon(configuration, HoconAddMode.Prepend)
            .WithWal<Orders>(
                "orders",
                o => (o.Directory, o.MaxRestarts) = (_directory, 5),
                s => s with { MaxOpenSegments = 9 })
            .WithWal(
                "other",
                o => (o.Directory, o.MaxSegmentBytes) = (Below("other"), 1),
                s => s with { Options = s.Options with { Clock = clock } }),
            ("akka-wal:max-restarts", "3"),
            ("akka-wal:logs:orders:max-restarts", "4"),
            ("akka-wal:logs:orders:flush", "os-cache"));
        await host.StartAsync();
        var wal = Wal.Get(host.Services.GetRequiredService<ActorSystem>());
        var orders = wal.SettingsOf("orders");
        Assert.Equal((5, FlushPolicy.OsCache, 9), (orders.MaxRestarts, orders.Options.Flush, orders.MaxOpenSegments));
        var other = wal.SettingsOf("other");
        Assert.Equal((3, FlushPolicy.Always, 128), (other.MaxRestarts, other.Options.Flush, other.MaxOpenSegments));
        var client = new WalClient(wal.Log("other"), Patience);
        for (var i = 0; i < 2; i++) await client.AppendAsync(new byte[] { 1 });
        // A segment was sealed, at a time.
        Assert.NotEqual(0, clock.Reads);
        await host.StopAsync();
    }

    [Fact]
    public async Task Health_checks_should_tell_a_log_that_answers_from_one_that_is_locked()
    {
        using var first = OrdersHost();
        await first.StartAsync();
        await ClientOf(first).AppendAsync(new byte[] { 1 });
        foreach (var report in await ReportsOf(first)) Assert.Equal(HealthStatus.Healthy, report.Status);
        Assert.Equal(1, (await ClientOf(first).GetInfoAsync()).EntryCount);
        using var second = OrdersHost();
        await second.StartAsync();
        foreach (var report in await ReportsOf(second))
        {
            Assert.Equal(HealthStatus.Unhealthy, report.Status);
            Assert.Contains(_directory, report.Description, StringComparison.Ordinal);
            Assert.Superset(new HashSet<string> { "akka", "wal" }, report.Tags.ToHashSet());
        }
        await second.StopAsync();
        await first.StopAsync();
    }

    [Fact]
    public async Task Health_checks_should_tell_a_log_that_is_damaged_and_serves_reads()
    {
        using (var host = OrdersHost())
        {
            await host.StartAsync();
            await ClientOf(host).AppendAsync(new byte[] { 1, 2, 3 });
            await host.StopAsync();
        }
        File.Delete(Below("MANIFEST"));
        using (var host = OrdersHost())
        {
            await host.StartAsync();
            Assert.Equal([1, 2, 3], (await ClientOf(host).ReadAsync(0)).ToArray());
            foreach (var report in await ReportsOf(host))
            {
                Assert.Equal(HealthStatus.Unhealthy, report.Status);
                Assert.Contains("MANIFEST", report.Description, StringComparison.Ordinal);
            }
            await host.StopAsync();
        }
    }

    [Fact]
    public async Task Health_check_of_a_log_that_is_not_there_should_say_so()
    {
        using var host = Host(akka => akka
            .WithWal("orders", o => o.Directory = _directory)
            .WithWalHealthCheck("ordres", HealthStatus.Degraded));
        await host.StartAsync();
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        var entry = report.Entries["ordres"];
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Equal("akka-wal.logs.ordres is not known; did you mean akka-wal.logs.orders?", entry.Description);
        await host.StopAsync();
    }

    [Theory]
    [InlineData("akka-wal:max-segment-byte", "5",
        "akka-wal.max-segment-byte is not known; did you mean akka-wal.max-segment-bytes?")]
    [InlineData("akka-wal:flush", "sometimes", "akka-wal.flush must be always, interval or os-cache, not 'sometimes'")]
    [InlineData("akka-wal:logs:orders:flush", "sometimes",
        "akka-wal.logs.orders.flush must be always, interval or os-cache, not 'sometimes'")]
    [InlineData("Shop:MaxOpenSegments", "0", "akka-wal.max-open-segments must be a number from 1 to 1048576, not '0'")]
    [InlineData("Shop:Directory", "rel", "akka-wal.directory must be an absolute path, or \"\", not 'rel'")]
    [InlineData("Shop:Retention:MaxAge", "-00:00:01",
        "akka-wal.retention.max-age must be a duration longer than zero, such as 200 ms, or off, not '-1000 ms'")]
    public async Task Section_that_is_not_as_it_must_be_should_keep_the_host_from_starting(
        string key, string value, string expected)
    {
        using var host = Host(
            (akka, configuration) => akka
                .AddHocon(configuration, HoconAddMode.Prepend)
                .WithWal("orders", configuration.GetSection("Shop")),
            (key, value));
        var problem = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
        Assert.Equal(expected, problem.GetBaseException().Message);
    }

    [Theory]
    [InlineData("Shop:MaxSegmentByte", "5", "MaxSegmentByte")]
    [InlineData("Shop:Retention:Age", "5", "Age")]
    [InlineData("Shop:MaxRestarts", "many", "Shop:MaxRestarts")]
    public async Task Property_that_is_not_known_or_not_read_should_keep_the_host_from_starting(
        string key, string value, string named)
    {
        using var host = Host(
            (akka, configuration) => akka.WithWal("orders", configuration.GetSection("Shop")), (key, value));
        var problem = await Assert.ThrowsAsync<WalConfigException>(() => host.StartAsync());
        Assert.StartsWith("Shop does not describe a log: ", problem.Message, StringComparison.Ordinal);
        Assert.Contains(named, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Illegal_value_should_be_refused_where_it_is_set()
    {
        var options = new WalLogOptions();
        var problem = Assert.Throws<WalConfigException>(() => options.MaxOpenSegments = 0);
        Assert.Equal("akka-wal.max-open-segments must be a number from 1 to 1048576, not '0'", problem.Message);
        Assert.Throws<WalConfigException>(() => options.Flush = (FlushPolicy)9);
        Assert.Throws<WalConfigException>(() => options.Retention.MaxBytes = -1);
        Assert.Throws<WalConfigException>(() => options.ToConfig("no/name"));
        Assert.Null(options.MaxOpenSegments);
    }

    [Fact]
    public async Task Illegal_adjustment_should_fail_the_start_of_the_host_and_name_itself()
    {
        using var host = OrdersHost(adjust: s => s with { MaxOpenSegments = 0 });
        var problem = await Assert.ThrowsAnyAsync<ArgumentException>(() => host.StartAsync());
        Assert.Contains("MaxOpenSegments must be from 1 to 1048576", problem.Message, StringComparison.Ordinal);
    }

    private static IHost Host(Action<AkkaConfigurationBuilder> configure, Action<IServiceCollection>? also = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddAkka(
            "hosted", akka => configure(akka.AddHocon(SerializationChecks.On, HoconAddMode.Prepend)));
        builder.Services.AddHealthChecks();
        also?.Invoke(builder.Services);
        return builder.Build();
    }

    private static IHost Host(
        Action<AkkaConfigurationBuilder, IConfiguration> configure, params (string Key, string Value)[] configured)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(configured.Select(one => new KeyValuePair<string, string?>(one.Key, one.Value)))
            .Build();
        return Host(akka => configure(akka, configuration));
    }

    private static IActorRef RefOf<TKey>(IHost host) =>
        host.Services.GetRequiredService<IRequiredActor<TKey>>().ActorRef;

    private static WalClient ClientOf(IHost host) => new(RefOf<Orders>(host), Patience);

    // By both ways of registering a check.
    private static async Task<IEnumerable<HealthReportEntry>> ReportsOf(IHost host)
    {
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        return [report.Entries["orders"], report.Entries["orders-of-host"]];
    }

    private string Below(string name) => Path.Combine(_directory, name);

    private IHost OrdersHost(Action<WalLogOptions>? configure = null, Func<WalSettings, WalSettings>? adjust = null)
    {
        var options = new WalLogOptions { Directory = _directory };
        configure?.Invoke(options);
        return Host(
            akka => akka.WithWal<Orders>("orders", options, adjust).WithWalHealthCheck("orders"),
            services => services.AddHealthChecks().AddWal("orders", "orders-of-host"));
    }

    private sealed class Orders;

    private sealed class Audit;

    private sealed class CountingClock : TimeProvider
    {
        private int _reads;

        internal int Reads => Volatile.Read(ref _reads);

        public override DateTimeOffset GetUtcNow()
        {
            Interlocked.Increment(ref _reads);
            return base.GetUtcNow();
        }
    }
}
