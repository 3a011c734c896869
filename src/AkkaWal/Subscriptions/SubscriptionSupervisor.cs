using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;

namespace AkkaWal.Subscriptions;

/// <summary>
/// Starts an actor for each subscription of an actor system, or refuses it. If one fails, it ends; the others go on.
/// </summary>
/// <param name="clientOf">Makes a client of a log, by its name or path; see <see cref="Wal.Client"/>.</param>
internal sealed class SubscriptionSupervisor(Func<string, TimeSpan, WalClient> clientOf) : UntypedActor
{
    private int _count;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Subscribe when Sender.IsNobody():
                break;
            case Subscribe request:
                if (Start(request) is { } refusal) Sender.Tell(refusal, Self);
                break;
            case Terminated:
                _count--;
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);

    private RequestFailed? Start(Subscribe request)
    {
        if (Explain(request) is { } reason) return Failed(FailureKind.Invalid, reason);
        if (Sender is IInternalActorRef { IsLocal: false })
            return Failed(
                FailureKind.Invalid, "a subscription is on its subscriber's node: name the log there by its path");
        // It receives one reply and is gone, so the subscription would stay without a subscriber.
        if (Sender.Path.Elements is ["temp", ..])
            return Failed(FailureKind.Invalid, "a subscriber is an actor that stays: use Tell, not Ask");
        if (_count >= Subscribe.MostSubscriptions)
            return Failed(FailureKind.Unavailable, $"there are {Subscribe.MostSubscriptions} subscriptions already");
        WalClient client;
        try
        {
            client = clientOf(request.Log, request.Timeout);
        }
        catch (ArgumentException e)
        {
            return Failed(FailureKind.Invalid, e.Message);
        }
        var props = Props.Create<SubscriptionActor>(request, Sender, client).WithDeploy(Deploy.Local);
        Context.Watch(Context.ActorOf(props));
        _count++;
        return null;

        RequestFailed Failed(FailureKind kind, string why) => new(kind, why, request.RequestId);
    }

    private static string? Explain(Subscribe request) => request switch
    {
        { Log: null or "" } => "a subscription needs the name or the path of its log",
        { FromOffset: < 0 } => $"a subscription begins at an offset of 0 or more, not {request.FromOffset}",
        { Floor: null } => "the name of the floor is missing: it is \"\" for none",
        { Floor.Length: > RequestLimits.MaxNameLength } =>
            $"the floor's name has {request.Floor.Length} characters: "
            + $"at most {RequestLimits.MaxNameLength} are allowed",
        _ when request.Timeout <= TimeSpan.Zero || request.Timeout > Subscribe.LongestTimeout =>
            $"the time-out is longer than zero, and {Subscribe.LongestTimeout} at most",
        _ => null,
    };
}
