using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;

namespace Akka.DependencyInjection;

/// <summary>Makes Props whose remaining constructor arguments come from the service provider.</summary>
public interface IDependencyResolver
{
    object GetService(Type type);

    T GetService<T>();

    Props Props(Type type);

    Props Props(Type type, params object[] args);

    Props Props<T>(params object[] args)
        where T : ActorBase;
}

public sealed class DependencyResolver : IExtension
{
    public DependencyResolver(IDependencyResolver resolver) => Resolver = resolver;

    public IDependencyResolver Resolver { get; }

    public static DependencyResolver For(ActorSystem actorSystem) => actorSystem.GetExtension<DependencyResolver>();

    public Props Props<T>(params object[] args)
        where T : ActorBase => Resolver.Props<T>(args);
}

public class ServiceProviderDependencyResolver : IDependencyResolver
{
    public ServiceProviderDependencyResolver(IServiceProvider serviceProvider) => ServiceProvider = serviceProvider;

    public IServiceProvider ServiceProvider { get; }

    public object GetService(Type type) => ServiceProvider.GetService(type);

    public T GetService<T>() => ServiceProvider.GetService<T>();

    public Props Props(Type type) => Props(type, []);

    public Props Props(Type type, params object[] args) => Actor.Props.CreateBy(new Producer(ServiceProvider, type, args));

    public Props Props<T>(params object[] args)
        where T : ActorBase => Props(typeof(T), args);

    /// <summary>Each actor has a scope of services; it ends with the actor.</summary>
    private sealed class Producer(IServiceProvider provider, Type type, object[] args) : IIndirectActorProducer
    {
        private readonly Dictionary<ActorBase, IServiceScope> _scopes = new();

        public Type ActorType => type;

        public ActorBase Produce()
        {
            var scope = provider.CreateScope();
            try
            {
                var actor = (ActorBase)ActivatorUtilities.CreateInstance(scope.ServiceProvider, type, args);
                lock (_scopes)
                    _scopes.Add(actor, scope);
                return actor;
            }
            catch
            {
                scope.Dispose();
                throw;
            }
        }

        public void Release(ActorBase actor)
        {
            IServiceScope scope;
            lock (_scopes)
                _scopes.Remove(actor, out scope);
            scope?.Dispose();
        }
    }
}

internal sealed class DependencyResolverExtension(IDependencyResolver resolver) : ExtensionIdProvider<DependencyResolver>
{
    public override DependencyResolver CreateExtension(ExtendedActorSystem system) => new(resolver);
}
