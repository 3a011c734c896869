using Akka.Util;

namespace Akka.Actor.Setup;

public abstract class Setup
{
    public ActorSystemSetup And(Setup other) => ActorSystemSetup.Create(this, other);
}

/// <summary>What a system is started with beside its configuration: at most one of each type.</summary>
public sealed class ActorSystemSetup
{
    public static readonly ActorSystemSetup Empty = new([]);

    private readonly Setup[] _setups;

    private ActorSystemSetup(Setup[] setups) => _setups = setups;

    public static ActorSystemSetup Create(params Setup[] setup)
    {
        var all = Empty;
        foreach (var one in setup)
            all = all.WithSetup(one);
        return all;
    }

    public Option<T> Get<T>()
        where T : Setup
    {
        foreach (var setup in _setups)
        {
            if (setup.GetType() == typeof(T))
                return (T)setup;
        }

        return Option<T>.None;
    }

    public ActorSystemSetup WithSetup<T>(T setup)
        where T : Setup
    {
        var others = Array.FindAll(_setups, other => other.GetType() != setup.GetType());
        return new ActorSystemSetup([.. others, setup]);
    }

    public ActorSystemSetup And<T>(T setup)
        where T : Setup => WithSetup(setup);
}
