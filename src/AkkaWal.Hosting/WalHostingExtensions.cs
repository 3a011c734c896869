using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AkkaWal.Hosting;

/// <summary>Puts logs into an actor system that the generic host runs.</summary>
public static class WalHostingExtensions
{
    /// <summary>
    /// Adds a log, found as <c>IRequiredActor&lt;LogManager&gt;</c> or as <c>ActorRegistry.Get&lt;LogManager&gt;()</c>. For more than one log
    /// give each a key of its own with <see cref="WithWal{TKey}"/>.
    /// </summary>
    public static AkkaConfigurationBuilder WithWal(
        this AkkaConfigurationBuilder builder, string directory, string name = "wal", Func<WalSettings, WalSettings>? adjust = null) =>
        builder.WithWal<LogManager>(directory, name, adjust);

    /// <summary>Adds a log under a registry key. It is closed cleanly when the host stops.</summary>
    /// <typeparam name="TKey">What it is registered as.</typeparam>
    /// <param name="builder">The actor system's.</param>
    /// <param name="directory">The log's own directory; made absolute against the current one.</param>
    /// <param name="name">The actor's name below /user.</param>
    /// <param name="adjust">Changes what HOCON (section <c>akka-wal</c>) says; nothing where null.</param>
    public static AkkaConfigurationBuilder WithWal<TKey>(
        this AkkaConfigurationBuilder builder, string directory, string name, Func<WalSettings, WalSettings>? adjust = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return builder
            .AddHocon(WalSettings.ReferenceConfig, HoconAddMode.Append)
            .WithActors((system, registry) =>
            {
                var settings = WalSettings.FromConfig(system.Settings.Config) with { Directory = Path.GetFullPath(directory) };
                registry.Register<TKey>(system.ActorOf(LogManager.Props(system, adjust?.Invoke(settings) ?? settings), name));
            });
    }

    /// <summary>Adds a health check of the log that is registered as <see cref="LogManager"/>.</summary>
    public static IHealthChecksBuilder AddWal(this IHealthChecksBuilder builder, string name = "wal") => builder.AddWal<LogManager>(name);

    /// <summary>Adds a health check of the log that is registered under a key.</summary>
    /// <typeparam name="TKey">What the log is registered as.</typeparam>
    /// <param name="builder">The host's health checks.</param>
    /// <param name="name">The check's name.</param>
    public static IHealthChecksBuilder AddWal<TKey>(this IHealthChecksBuilder builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name, services => new WalHealthCheck(services.GetRequiredService<IReadOnlyActorRegistry>().Get<TKey>()), failureStatus: null, tags: null));
    }
}
