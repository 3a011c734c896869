using Akka.Actor;

namespace AkkaWal;

/// <summary>Props of the log's own actors.</summary>
internal static class WalProps
{
    /// <summary>An actor on one of the log's dispatchers; on the default one where the system was started without the log's configuration.</summary>
    /// <param name="system">Where it will live.</param>
    /// <param name="dispatcher">commit, read, archive or maintenance.</param>
    /// <param name="arguments">Its constructor's.</param>
    internal static Props Of<TActor>(ActorSystem system, string dispatcher, params object[] arguments) where TActor : ActorBase
    {
        var props = Props.Create<TActor>(arguments);
        var id = $"akka-wal.{dispatcher}-dispatcher";
        return system.Dispatchers.HasDispatcher(id) ? props.WithDispatcher(id) : props;
    }
}
