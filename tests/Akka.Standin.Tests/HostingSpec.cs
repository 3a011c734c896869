using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Akka.Standin.Tests;

public sealed class HostingSpec
{
    [Fact]
    public async Task The_host_should_start_the_system_and_its_actors_and_stop_them()
    {
        var stopped = new TaskCompletionSource();
        using var host = Host(builder => builder
            .AddHocon("greeting.text = hello", HoconAddMode.Prepend)
            .WithActors((system, registry) =>
                registry.Register<Greeter>(system.ActorOf(Props.Create(() => new Greeter(system.Settings.Config.GetString("greeting.text", null), stopped)))))
            .AddStartup((_, registry) => Assert.True(registry.TryGet<Greeter>(out var _))));

        await host.StartAsync();
        var system = host.Services.GetRequiredService<ActorSystem>();
        Assert.Equal("hosted", system.Name);
        var greeter = host.Services.GetRequiredService<IRequiredActor<Greeter>>().ActorRef;
        Assert.Same(greeter, host.Services.GetRequiredService<IReadOnlyActorRegistry>().Get<Greeter>());
        Assert.Equal("hello world", await greeter.Ask<string>("world", TimeSpan.FromSeconds(3)));
        await host.StopAsync();

        Assert.True(stopped.Task.IsCompletedSuccessfully);
        Assert.True(system.WhenTerminated.IsCompleted);
    }

    [Fact]
    public async Task The_resolver_should_fill_in_services()
    {
        using var host = Host(builder => builder.WithActors((system, registry, resolver) =>
            registry.Register<Greeter>(system.ActorOf(resolver.Props<Greeter>("good day")))));
        await host.StartAsync();
        var greeter = host.Services.GetRequiredService<IActorRegistry>().Get<Greeter>();
        Assert.Equal("good day world", await greeter.Ask<string>("world", TimeSpan.FromSeconds(3)));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_system_that_ends_should_end_the_host()
    {
        using var host = Host(_ => { });
        await host.StartAsync();
        var ended = new TaskCompletionSource();
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(ended.SetResult);
        await host.Services.GetRequiredService<ActorSystem>().Terminate();
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await host.StopAsync();
    }

    [Fact]
    public async Task An_actor_should_be_registered_once_and_be_awaitable()
    {
        using var host = Host(_ => { });
        await host.StartAsync();
        var registry = host.Services.GetRequiredService<ActorRegistry>();
        var later = registry.GetAsync<Greeter>();
        Assert.False(registry.TryGet<Greeter>(out _));
        registry.Register<Greeter>(ActorRefs.Nobody);
        Assert.Same(ActorRefs.Nobody, await later.WaitAsync(TimeSpan.FromSeconds(3)));
        Assert.False(registry.TryRegister<Greeter>(ActorRefs.Nobody));
        Assert.Throws<DuplicateActorRegistryException>(() => registry.Register<Greeter>(ActorRefs.Nobody));
        Assert.Throws<MissingActorRegistryEntryException>(() => registry.Get<HostingSpec>());
        await host.StopAsync();
    }

    private static IHost Host(Action<AkkaConfigurationBuilder> configure)
    {
        var host = new HostBuilder();
        host.ConfigureLogging(logging => logging.ClearProviders());
        host.ConfigureServices(services =>
        {
            services.AddSingleton(new TaskCompletionSource());
            services.AddAkka("hosted", builder =>
            {
                builder.ConfigureLoggers(loggers =>
                {
                    loggers.ClearLoggers();
                    loggers.AddLoggerFactory();
                });
                configure(builder);
            });
        });
        return host.Build();
    }

    private sealed class Greeter : ReceiveActor
    {
        private readonly TaskCompletionSource _stopped;

        public Greeter(string greeting, TaskCompletionSource stopped)
        {
            _stopped = stopped;
            Receive<string>(name => Sender.Tell($"{greeting} {name}"));
        }

        protected override void PostStop() => _stopped.TrySetResult();
    }
}
