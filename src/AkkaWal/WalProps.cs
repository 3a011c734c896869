using Akka.Actor;

namespace AkkaWal;

/// <summary>
/// Props of the log's own actors. All of them run where they are made, whatever a deployment says: they share files and
/// memory.
/// </summary>
internal static class WalProps
{
    /// <summary>An actor on one of the log's dispatchers: see <see cref="On"/>.</summary>
    internal static Props Of<TActor>(ActorSystem system, string dispatcher, params object[] arguments) where TActor : ActorBase =>
        On(system, dispatcher, Props.Create<TActor>(arguments));

    /// <summary>
    /// Puts an actor on one of the log's dispatchers; on the default one where the system was started without the log's
    /// configuration.
    /// </summary>
    /// <param name="system">Where it will live.</param>
    /// <param name="dispatcher">manager, commit, sync, read, archive or maintenance.</param>
    /// <param name="props">The actor's.</param>
    internal static Props On(ActorSystem system, string dispatcher, Props props)
    {
        var id = $"akka-wal.{dispatcher}-dispatcher";
        var local = props.WithDeploy(Deploy.Local);
        return system.Dispatchers.HasDispatcher(id) ? local.WithDispatcher(id) : local;
    }
}
