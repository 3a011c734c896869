using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AkkaWal.Hosting;

/// <summary>Adds logs to an actor system that the generic host runs.</summary>
public static class WalHostingExtensions
{
    /// <summary>
    /// Adds a log. It is found as <c>IRequiredActor&lt;LogManager&gt;</c> or
    /// <c>ActorRegistry.Get&lt;LogManager&gt;()</c>. More than one log need a registry key each: see
    /// <see cref="WithWal{TKey}"/>, which has the parameters.
    /// </summary>
    public static AkkaConfigurationBuilder WithWal(
        this AkkaConfigurationBuilder builder, string directory, string name = "wal",
        Func<WalSettings, WalSettings>? adjust = null) =>
        builder.WithWal<LogManager>(directory, name, adjust);

    /// <summary>Adds a log under a registry key. It is closed cleanly when the host stops.</summary>
    /// <typeparam name="TKey">The registry key.</typeparam>
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="directory">The log's directory; a relative path is resolved against the current directory.</param>
    /// <param name="name">The name of the log's actor below /user.</param>
    /// <param name="adjust">Changes the settings from HOCON (section <c>akka-wal</c>); null keeps them.</param>
    public static AkkaConfigurationBuilder WithWal<TKey>(
        this AkkaConfigurationBuilder builder, string directory, string name,
        Func<WalSettings, WalSettings>? adjust = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return builder
            .AddHocon(WalSettings.ReferenceConfig, HoconAddMode.Append)
            .WithActors((system, registry) =>
            {
                var configured = WalSettings.FromConfig(system.Settings.Config);
                var settings = configured with { Directory = Path.GetFullPath(directory) };
                var props = LogManager.Props(system, adjust?.Invoke(settings) ?? settings);
                registry.Register<TKey>(system.ActorOf(props, name));
            });
    }

    /// <summary>Adds a health check of the log that is registered as <see cref="LogManager"/>.</summary>
    public static IHealthChecksBuilder AddWal(this IHealthChecksBuilder builder, string name = "wal") =>
        builder.AddWal<LogManager>(name);

    /// <summary>Adds a health check of the log that is registered under a key.</summary>
    /// <typeparam name="TKey">The log's registry key.</typeparam>
    /// <param name="builder">The host's health checks.</param>
    /// <param name="name">The check's name.</param>
    public static IHealthChecksBuilder AddWal<TKey>(this IHealthChecksBuilder builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name, services => new WalHealthCheck(services.GetRequiredService<IReadOnlyActorRegistry>().Get<TKey>()),
            failureStatus: null, tags: null));
    }
}
