using Akka.Actor;

namespace AkkaWal;

/// <summary>
/// Makes the props of the log's own actors, on the log's dispatchers: manager, commit, sync, read, archive or
/// maintenance. They are always deployed locally, since they share files and memory.
/// </summary>
internal static class WalProps
{
    internal static Props Of<TActor>(string dispatcher, params object[] arguments) where TActor : ActorBase =>
        On(dispatcher, Props.Create<TActor>(arguments));

    internal static Props On(string dispatcher, Props props) =>
        props.WithDeploy(Deploy.Local).WithDispatcher($"akka-wal.{dispatcher}-dispatcher");
}
