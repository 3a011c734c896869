namespace Akka.Actor;

/// <summary>An actor by its path, looked up anew for each message. Patterns are not supported.</summary>
public class ActorSelection : ICanTell
{
    private readonly string[] _elements;

    public ActorSelection(IActorRef anchor, string path)
    {
        Anchor = anchor;
        var system = (ActorSystemImpl)((IInternalActorRef)anchor).Provider;
        var address = system.ToString();
        if (path.StartsWith(address + "/", StringComparison.Ordinal))
            path = path[address.Length..];
        var elements = new List<string>(path.StartsWith('/') ? [] : anchor.Path.Elements);
        foreach (var element in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (element != "..")
                elements.Add(element);
            else if (elements.Count > 0)
                elements.RemoveAt(elements.Count - 1);
        }

        _elements = [.. elements];
    }

    public IActorRef Anchor { get; private set; }

    public string PathString => "/" + string.Join('/', _elements);

    private ActorSystemImpl System => (ActorSystemImpl)((IInternalActorRef)Anchor).Provider;

    public void Tell(object message, IActorRef sender = null)
    {
        sender ??= ActorCell.Current?.Self;
        if (System.Resolve(_elements) is { } actor)
        {
            actor.Tell(message, sender);
            return;
        }

        ActorPath path = new RootActorPath(new Address("akka", System.Name));
        foreach (var element in _elements)
            path /= element;
        System.DeadLetterRef.Publish(message, sender, new EmptyActorRef(System, path));
    }

    public Task<IActorRef> ResolveOne(TimeSpan timeout) => ResolveOne(timeout, CancellationToken.None);

    public async Task<IActorRef> ResolveOne(TimeSpan timeout, CancellationToken ct)
    {
        var answer = this.Ask<ActorIdentity>(new Identify(null), timeout, ct);
        await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (answer.Exception?.InnerException is AskTimeoutException late)
            throw new ActorNotFoundException($"Nothing answered for {this} in time", late);
        return (await answer.ConfigureAwait(false)).Subject ?? throw new ActorNotFoundException($"There is no actor at {this}");
    }

    public override string ToString() => $"ActorSelection[Anchor({Anchor}), Path({PathString})]";

    private sealed class EmptyActorRef(ActorSystemImpl system, ActorPath path) : MinimalActorRef
    {
        public override ActorPath Path => path;

        public override IActorRefProvider Provider => system;

        public override bool IsTerminated => true;
    }
}
