using System.Reflection;
using Akka.Actor;
using Akka.Hosting;
using AkkaWal.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AkkaWal.Hosting;

/// <summary>
/// Puts logs into an actor system that the generic host runs. Each has a name, by which <see cref="Wal.Log"/> finds it;
/// one that has a key as well is there as <c>IRequiredActor&lt;TKey&gt;</c>. They are opened when the system starts,
/// and closed when the host stops.
/// </summary>
public static class WalHostingExtensions
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    private static readonly string[] HealthTags = ["akka", "wal"];

    /// <summary>Adds a log.</summary>
    /// <param name="builder">The actor system's.</param>
    /// <param name="name">The log's: the name of an actor, of at most 128 letters.</param>
    /// <param name="configure">Sets what is to hold over HOCON; nothing where null.</param>
    /// <param name="adjust">Changes what a configuration cannot say; nothing where null.</param>
    /// <exception cref="WalConfigException">A value or the name is not legal; the message has the key.</exception>
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
    /// <param name="builder">The actor system's.</param>
    /// <param name="name">The log's: the name of an actor, of at most 128 letters.</param>
    /// <param name="section">Has properties of <see cref="WalLogOptions"/>, and no others.</param>
    /// <param name="adjust">Changes what a configuration cannot say; nothing where null.</param>
    /// <exception cref="WalConfigException">A property is not known or a value is not legal.</exception>
    public static AkkaConfigurationBuilder WithWal(
        this AkkaConfigurationBuilder builder,
        string name,
        IConfiguration section,
        Func<WalSettings, WalSettings>? adjust = null) =>
        builder.WithWal(name, OptionsOf(section), adjust);

    /// <summary>Adds a log.</summary>
    /// <param name="builder">The actor system's.</param>
    /// <param name="name">The log's: the name of an actor, of at most 128 letters.</param>
    /// <param name="options">What is to hold over HOCON.</param>
    /// <param name="adjust">Changes what a configuration cannot say; nothing where null.</param>
    /// <exception cref="WalConfigException">A value or the name is not legal; the message has the key.</exception>
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
    /// <typeparam name="TKey">What it is registered as.</typeparam>
    /// <param name="builder">The actor system's.</param>
    /// <param name="name">The log's: the name of an actor, of at most 128 letters.</param>
    /// <param name="configure">Sets what is to hold over HOCON; nothing where null.</param>
    /// <param name="adjust">Changes what a configuration cannot say; nothing where null.</param>
    /// <exception cref="WalConfigException">A value or the name is not legal; the message has the key.</exception>
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
    /// <typeparam name="TKey">What it is registered as.</typeparam>
    /// <param name="builder">The actor system's.</param>
    /// <param name="name">The log's: the name of an actor, of at most 128 letters.</param>
    /// <param name="section">Has properties of <see cref="WalLogOptions"/>, and no others.</param>
    /// <param name="adjust">Changes what a configuration cannot say; nothing where null.</param>
    /// <exception cref="WalConfigException">A property is not known or a value is not legal.</exception>
    public static AkkaConfigurationBuilder WithWal<TKey>(
        this AkkaConfigurationBuilder builder,
        string name,
        IConfiguration section,
        Func<WalSettings, WalSettings>? adjust = null) =>
        builder.WithWal<TKey>(name, OptionsOf(section), adjust);

    /// <summary>Adds a log that is also registered under a key.</summary>
    /// <typeparam name="TKey">What it is registered as.</typeparam>
    /// <param name="builder">The actor system's.</param>
    /// <param name="name">The log's: the name of an actor, of at most 128 letters.</param>
    /// <param name="options">What is to hold over HOCON.</param>
    /// <param name="adjust">Changes what a configuration cannot say; nothing where null.</param>
    /// <exception cref="WalConfigException">Nothing can have that name.</exception>
    public static AkkaConfigurationBuilder WithWal<TKey>(
        this AkkaConfigurationBuilder builder,
        string name,
        WalLogOptions options,
        Func<WalSettings, WalSettings>? adjust = null)
    {
        builder.Describe(name, options, adjust);
        return builder.WithActors((system, registry) => registry.Register<TKey>(Wal.Get(system).Log(name)));
    }

    /// <summary>Adds a health check of a log to the actor system's: see <see cref="WalHealthCheck"/>.</summary>
    /// <param name="builder">The actor system's.</param>
    /// <param name="name">The log's, and the check's.</param>
    /// <param name="unhealthyStatus">What is reported where the log takes no appends; unhealthy where null.</param>
    /// <param name="tags">The check's; <c>akka</c> and <c>wal</c> where null.</param>
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

    /// <summary>Adds a health check of a log to the host's: see <see cref="WalHealthCheck"/>.</summary>
    /// <param name="builder">The host's health checks.</param>
    /// <param name="log">The log's name.</param>
    /// <param name="name">The check's; the log's where null.</param>
    /// <param name="unhealthyStatus">What is reported where the log takes no appends; unhealthy where null.</param>
    /// <param name="tags">The check's; <c>akka</c> and <c>wal</c> where null.</param>
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
    /// Adds a <see cref="WalClient"/> of a log to the container, as a service whose key is the log's name. It is made
    /// when it is first asked for.
    /// </summary>
    /// <param name="services">The host's.</param>
    /// <param name="name">The log's.</param>
    /// <param name="timeout">How long a reply may take; 5 s where null.</param>
    public static IServiceCollection AddWalClient(
        this IServiceCollection services, string name = Wal.DefaultName, TimeSpan? timeout = null) =>
        services.AddKeyedSingleton(name, (provider, _) =>
            new WalClient(Wal.Get(provider.GetRequiredService<ActorSystem>()).Log(name), timeout ?? DefaultTimeout));

    internal static WalLogOptions OptionsOf(IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var options = new WalLogOptions();
        try
        {
            section.Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (TargetInvocationException e) when (e.InnerException is WalConfigException wrong)
        {
            throw wrong;
        }
        catch (InvalidOperationException e)
        {
            var place = section is IConfigurationSection { Path: var path } ? path : "the configuration";
            throw new WalConfigException($"{place} does not describe a log: {e.Message}", e);
        }
        return options;
    }

    private static void Describe(
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
