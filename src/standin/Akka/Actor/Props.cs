using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.ExceptionServices;

namespace Akka.Actor;

public interface IIndirectActorProducer
{
    Type ActorType { get; }

    ActorBase Produce();

    void Release(ActorBase actor);
}

/// <summary>How to make an actor. Immutable.</summary>
public class Props
{
    public static readonly Props None = new(typeof(EmptyActor), null, []);

    private readonly IIndirectActorProducer _producer;
    private ConstructorInvoker _constructor;

    private Props(Type type, IIndirectActorProducer producer, object[] arguments)
    {
        Type = type;
        _producer = producer;
        Arguments = arguments;
    }

    private Props(Props copy)
        : this(copy.Type, copy._producer, copy.Arguments)
    {
        DispatcherOrNull = copy.DispatcherOrNull;
        SupervisorStrategy = copy.SupervisorStrategy;
        _constructor = copy._constructor;
    }

    public Type Type { get; }

    public object[] Arguments { get; }

    public string Dispatcher => DispatcherOrNull ?? Dispatch.Dispatchers.DefaultDispatcherId;

    public SupervisorStrategy SupervisorStrategy { get; protected set; }

    internal string DispatcherOrNull { get; private init; }

    public static Props Create(Type type, params object[] args)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new Props(type, null, args ?? [null]);
    }

    public static Props Create<TActor>(params object[] args)
        where TActor : ActorBase => Create(typeof(TActor), args);

    public static Props Create<TActor>(Expression<Func<TActor>> factory, SupervisorStrategy supervisorStrategy = null)
        where TActor : ActorBase
    {
        if (factory.Body is not NewExpression constructor)
            throw new ArgumentException("Props.Create takes () => new T(...) and nothing else");
        return new Props(typeof(TActor), null, ExpressionArguments.Of(constructor)) { SupervisorStrategy = supervisorStrategy };
    }

    public static Props CreateBy(IIndirectActorProducer producer, params object[] args)
    {
        ArgumentNullException.ThrowIfNull(producer);
        return new Props(producer.ActorType, producer, args);
    }

    public Props WithDispatcher(string dispatcher) => new(this) { DispatcherOrNull = dispatcher };

    public Props WithSupervisorStrategy(SupervisorStrategy supervisorStrategy) => new(this) { SupervisorStrategy = supervisorStrategy };

    public virtual ActorBase NewActor()
    {
        var actor = _producer is null ? Construct() : _producer.Produce();
        (actor as ReceiveActor)?.EndOfConstruction();
        return actor;
    }

    internal void Release(ActorBase actor)
    {
        if (actor is null)
            return;
        (actor as IDisposable)?.Dispose();
        _producer?.Release(actor);
    }

    private ActorBase Construct()
    {
        try
        {
            if (Arguments.Length == 0)
                return (ActorBase)Activator.CreateInstance(Type, nonPublic: true);
            _constructor ??= ConstructorInvoker.Create(FindConstructor());
            return (ActorBase)_constructor.Invoke(Arguments.AsSpan());
        }
        catch (TargetInvocationException e) when (e.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }

    private ConstructorInfo FindConstructor()
    {
        ConstructorInfo found = null;
        foreach (var constructor in Type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (!Fits(constructor.GetParameters()))
                continue;
            found = found is null ? constructor
                : throw new AmbiguousMatchException($"More than one constructor of {Type} fits the {Arguments.Length} arguments given.");
        }

        return found ?? throw new MissingMethodException($"No constructor of {Type} fits the {Arguments.Length} arguments given.");
    }

    private bool Fits(ParameterInfo[] parameters)
    {
        if (parameters.Length != Arguments.Length)
            return false;
        for (var i = 0; i < parameters.Length; i++)
        {
            var type = parameters[i].ParameterType;
            if (Arguments[i] is { } argument ? !type.IsInstanceOfType(argument) : type.IsValueType && Nullable.GetUnderlyingType(type) is null)
                return false;
        }

        return true;
    }

    private sealed class EmptyActor : ActorBase
    {
        protected override bool Receive(object message) => false;
    }
}

/// <summary>
/// The arguments of a `new T(...)`, each evaluated once, when the Props are made. Constants and captured variables are
/// read by reflection; only what is more than that is compiled.
/// </summary>
internal static class ExpressionArguments
{
    public static object[] Of(NewExpression constructor)
    {
        var arguments = new object[constructor.Arguments.Count];
        for (var i = 0; i < arguments.Length; i++)
            arguments[i] = Evaluate(constructor.Arguments[i]);
        return arguments;
    }

    private static object Evaluate(Expression expression) => expression switch
    {
        ConstantExpression constant => constant.Value,
        MemberExpression { Member: FieldInfo field } member => field.GetValue(member.Expression is null ? null : Evaluate(member.Expression)),
        _ => Expression.Lambda<Func<object>>(Expression.Convert(expression, typeof(object))).Compile(preferInterpretation: true)(),
    };
}
