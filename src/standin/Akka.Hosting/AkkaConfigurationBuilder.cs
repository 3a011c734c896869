using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.DependencyInjection;
using Akka.Util;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Akka.Hosting;

public enum HoconAddMode
{
    Append,
    Prepend,
    Replace,
}

public delegate Task ActorStarter(ActorSystem system, IActorRegistry registry);

public delegate Task ActorStarterWithResolver(ActorSystem system, IActorRegistry registry, IDependencyResolver resolver);

public delegate Task StartupTask(ActorSystem system, IActorRegistry registry);

/// <summary>What AddAkka is told; the system is made of it when the host first needs it.</summary>
public sealed class AkkaConfigurationBuilder
{
    private readonly string _systemName;
    private readonly List<ActorStarterWithResolver> _actorStarters = new();
    private readonly List<StartupTask> _startupTasks = new();
    private readonly List<IExtensionId> _extensions = new();

    public AkkaConfigurationBuilder(IServiceCollection serviceCollection, string actorSystemName)
    {
        Services = serviceCollection;
        _systemName = actorSystemName;
    }

    public Option<Config> Configuration { get; private set; }

    internal IServiceCollection Services { get; }

    internal ActorSystemSetup Setup { get; private set; } = ActorSystemSetup.Empty;

    public AkkaConfigurationBuilder StartActors(Action<ActorSystem, IActorRegistry> starter) => StartActors((system, registry) =>
    {
        starter(system, registry);
        return Task.CompletedTask;
    });

    public AkkaConfigurationBuilder StartActors(Action<ActorSystem, IActorRegistry, IDependencyResolver> starter) => StartActors((system, registry, resolver) =>
    {
        starter(system, registry, resolver);
        return Task.CompletedTask;
    });

    public AkkaConfigurationBuilder StartActors(ActorStarter starter) => StartActors((system, registry, _) => starter(system, registry));

    public AkkaConfigurationBuilder StartActors(ActorStarterWithResolver starter)
    {
        _actorStarters.Add(starter);
        return this;
    }

    public AkkaConfigurationBuilder AddStartup(Action<ActorSystem, IActorRegistry> startupTask) => AddStartup((system, registry) =>
    {
        startupTask(system, registry);
        return Task.CompletedTask;
    });

    /// <summary>Done once all actors have been started.</summary>
    public AkkaConfigurationBuilder AddStartup(StartupTask startupTask)
    {
        _startupTasks.Add(startupTask);
        return this;
    }

    public AkkaConfigurationBuilder WithExtension<T>()
        where T : IExtensionId
    {
        _extensions.Add(Activator.CreateInstance<T>());
        return this;
    }

    internal void Merge(Config hocon, HoconAddMode addMode)
    {
        var current = Configuration.GetOrElse(Config.Empty);
        Configuration = addMode switch
        {
            HoconAddMode.Prepend => hocon.SafeWithFallback(current),
            HoconAddMode.Append => current.SafeWithFallback(hocon),
            _ => hocon,
        };
    }

    internal void Keep(Setup setup) => Setup = Setup.WithSetup(setup);

    internal ActorSystem BuildSystem(IServiceProvider services)
    {
        if (!Setup.Get<Logging.LoggerFactorySetup>().HasValue && services.GetService<ILoggerFactory>() is { } loggerFactory)
            Keep(new Logging.LoggerFactorySetup(loggerFactory));
        var bootstrap = BootstrapSetup.Create().WithConfig(Configuration.GetOrElse(Config.Empty));
        var system = ActorSystem.Create(_systemName, Setup.WithSetup(bootstrap));
        system.RegisterExtension(new DependencyResolverExtension(new ServiceProviderDependencyResolver(services)));
        foreach (var extension in _extensions)
            system.RegisterExtension(extension);
        return system;
    }

    internal async Task StartAsync(ActorSystem system)
    {
        var registry = ActorRegistry.For(system);
        var resolver = DependencyResolver.For(system).Resolver;
        foreach (var starter in _actorStarters)
            await starter(system, registry, resolver).ConfigureAwait(false);
        foreach (var task in _startupTasks)
            await task(system, registry).ConfigureAwait(false);
    }
}
