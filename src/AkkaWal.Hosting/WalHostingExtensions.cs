using System.Reflection;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AkkaWal.Hosting;

/// <summary>
/// Adds logs to an actor system that the generic host runs. <see cref="Wal.Log"/> finds a log by its name. A log that
/// is registered under a key is also found as <c>IRequiredActor&lt;TKey&gt;</c>. Logs are opened when the actor system
/// starts, and closed when the host stops.
/// </summary>
public static class WalHostingExtensions
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    private static readonly string[] HealthTags = ["akka", "wal"];

    /// <summary>Adds a log.</summary>
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="name">The log's name: a legal actor name of at most 128 characters.</param>
    /// <param name="configure">Sets options, which override HOCON; null sets none.</param>
    /// <param name="adjust">Changes settings that no configuration can express; null changes none.</param>
    /// <exception cref="WalConfigException">A value or the name is not legal. The message names the key.</exception>
    public static AkkaConfigurationBuilder WithWal(
        this AkkaConfigurationBuilder builder,
        string name,
        Action<WalLogOptions>? configure = null,
        Func<WalSettings, WalSettings>? adjust = null)
    {
        var options = new WalLogOptions();
        configure?.Invoke(options);
        return builder.WithWal(name, options, adjust);
    }

    /// <summary>Adds a log that a section of the host's configuration describes.</summary>
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="name">The log's name: a legal actor name of at most 128 characters.</param>
    /// <param name="section">The section. It may only have properties of <see cref="WalLogOptions"/>.</param>
    /// <param name="adjust">Changes settings that no configuration can express; null changes none.</param>
    /// <exception cref="WalConfigException">A property is not known or a value is not legal.</exception>
    public static AkkaConfigurationBuilder WithWal(
        this AkkaConfigurationBuilder builder,
        string name,
        IConfiguration section,
        Func<WalSettings, WalSettings>? adjust = null) =>
        builder.WithWal(name, OptionsOf(section), adjust);

    /// <summary>Adds a log.</summary>
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="name">The log's name: a legal actor name of at most 128 characters.</param>
    /// <param name="options">The options, which override HOCON.</param>
    /// <param name="adjust">Changes settings that no configuration can express; null changes none.</param>
    /// <exception cref="WalConfigException">A value or the name is not legal. The message names the key.</exception>
    public static AkkaConfigurationBuilder WithWal(
        this AkkaConfigurationBuilder builder,
        string name,
        WalLogOptions options,
        Func<WalSettings, WalSettings>? adjust = null)
    {
        builder.Describe(name, options, adjust);
        return builder.WithActors((system, _) => Wal.Get(system).Log(name));
    }

    /// <summary>Adds a log that is also registered under a key.</summary>
    /// <typeparam name="TKey">The registry key.</typeparam>
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="name">The log's name: a legal actor name of at most 128 characters.</param>
    /// <param name="configure">Sets options, which override HOCON; null sets none.</param>
    /// <param name="adjust">Changes settings that no configuration can express; null changes none.</param>
    /// <exception cref="WalConfigException">A value or the name is not legal. The message names the key.</exception>
    public static AkkaConfigurationBuilder WithWal<TKey>(
        this AkkaConfigurationBuilder builder,
        string name,
        Action<WalLogOptions>? configure = null,
        Func<WalSettings, WalSettings>? adjust = null)
    {
        var options = new WalLogOptions();
        configure?.Invoke(options);
        return builder.WithWal<TKey>(name, options, adjust);
    }

    /// <summary>Adds a log that a section of the host's configuration describes, and registers it.</summary>
    /// <typeparam name="TKey">The registry key.</typeparam>
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="name">The log's name: a legal actor name of at most 128 characters.</param>
    /// <param name="section">The section. It may only have properties of <see cref="WalLogOptions"/>.</param>
    /// <param name="adjust">Changes settings that no configuration can express; null changes none.</param>
    /// <exception cref="WalConfigException">A property is not known or a value is not legal.</exception>
    public static AkkaConfigurationBuilder WithWal<TKey>(
        this AkkaConfigurationBuilder builder,
        string name,
        IConfiguration section,
        Func<WalSettings, WalSettings>? adjust = null) =>
        builder.WithWal<TKey>(name, OptionsOf(section), adjust);

    /// <summary>Adds a log that is also registered under a key.</summary>
    /// <typeparam name="TKey">The registry key.</typeparam>
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="name">The log's name: a legal actor name of at most 128 characters.</param>
    /// <param name="options">The options, which override HOCON.</param>
    /// <param name="adjust">Changes settings that no configuration can express; null changes none.</param>
    /// <exception cref="WalConfigException">The name is not legal.</exception>
    public static AkkaConfigurationBuilder WithWal<TKey>(
        this AkkaConfigurationBuilder builder,
        string name,
        WalLogOptions options,
        Func<WalSettings, WalSettings>? adjust = null)
    {
        builder.Describe(name, options, adjust);
        return builder.WithActors((system, registry) => registry.Register<TKey>(Wal.Get(system).Log(name)));
    }

    /// <summary>Adds a <see cref="WalHealthCheck"/> of a log to the health checks of the actor system.</summary>
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="name">The name of the log and of the check.</param>
    /// <param name="unhealthyStatus">The status of a log that takes no appends; null for unhealthy.</param>
    /// <param name="tags">The tags of the check; <c>akka</c> and <c>wal</c> by default.</param>
    public static AkkaConfigurationBuilder WithWalHealthCheck(
        this AkkaConfigurationBuilder builder,
        string name = Wal.DefaultName,
        HealthStatus? unhealthyStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithHealthCheck(
            new AkkaHealthCheckRegistration(name, new WalHealthCheck(name), unhealthyStatus, tags ?? HealthTags));
    }

    /// <summary>Adds a <see cref="WalHealthCheck"/> of a log to the health checks of the host.</summary>
    /// <param name="builder">The host's health checks.</param>
    /// <param name="log">The log's name.</param>
    /// <param name="name">The name of the check; null for the log's name.</param>
    /// <param name="unhealthyStatus">The status of a log that takes no appends; null for unhealthy.</param>
    /// <param name="tags">The tags of the check; <c>akka</c> and <c>wal</c> by default.</param>
    public static IHealthChecksBuilder AddWal(
        this IHealthChecksBuilder builder,
        string log = Wal.DefaultName,
        string? name = null,
        HealthStatus? unhealthyStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var check = new WalHealthCheck(log);
        return builder.Add(new HealthCheckRegistration(
            name ?? log, services => new HostedCheck(services, check), unhealthyStatus, tags ?? HealthTags));
    }

    /// <summary>
    /// Adds a client of a log to the container, as <see cref="IWalClient"/> and as <see cref="WalClient"/>: keyed
    /// services with the log's name as their key. The client is created on first use.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="name">The log's name.</param>
    /// <param name="timeout">How long a reply may take; 5 s by default.</param>
    public static IServiceCollection AddWalClient(
        this IServiceCollection services, string name = Wal.DefaultName, TimeSpan? timeout = null) => services
        .AddKeyedSingleton(name, (provider, _) =>
            Wal.Get(provider.GetRequiredService<ActorSystem>()).Client(name, timeout ?? DefaultTimeout))
        .AddKeyedSingleton<IWalClient>(name, (provider, _) => provider.GetRequiredKeyedService<WalClient>(name));

    internal static WalLogOptions OptionsOf(IConfiguration section) => Bind<WalLogOptions>(section, "a log");

    /// <summary>Reads options from a section, which may only have their properties.</summary>
    /// <param name="section">The section.</param>
    /// <param name="described">What the section describes, for the message of the exception.</param>
    /// <exception cref="WalConfigException">A property is not known or a value is not legal.</exception>
    internal static TOptions Bind<TOptions>(IConfiguration section, string described) where TOptions : new()
    {
        ArgumentNullException.ThrowIfNull(section);
        var options = new TOptions();
        try
        {
            section.Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (TargetInvocationException e) when (e.InnerException is ArgumentException wrong)
        {
            throw wrong as WalConfigException ?? new WalConfigException(wrong.Message, wrong);
        }
        catch (InvalidOperationException e)
        {
            var place = section is IConfigurationSection { Path: var path } ? path : "the configuration";
            throw new WalConfigException($"{place} does not describe {described}: {e.Message}", e);
        }
        return options;
    }

    /// <summary>Adds a log's options and changes of its settings; starts nothing.</summary>
    internal static void Describe(
        this AkkaConfigurationBuilder builder,
        string name,
        WalLogOptions options,
        Func<WalSettings, WalSettings>? adjust)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        builder.AddHocon(options.ToConfig(name), HoconAddMode.Prepend);
        builder.AddHocon(WalSettings.ReferenceConfig, HoconAddMode.Append);
        if (adjust is null) return;
        var setup = builder.Setups.OfType<WalSetup>().FirstOrDefault(WalSetup.Empty);
        builder.Setups.Remove(setup);
        builder.Setups.Add(setup.With(name, adjust));
    }

    private sealed class HostedCheck(IServiceProvider services, WalHealthCheck check) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellation) =>
            check.CheckHealthAsync(
                new AkkaHealthCheckContext(services.GetRequiredService<ActorSystem>())
                {
                    Registration = context.Registration,
                },
                cancellation);
    }
}
