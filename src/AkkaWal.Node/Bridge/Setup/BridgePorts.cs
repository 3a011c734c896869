using Akka.Actor;
using AkkaWal.Node.Input;
using AkkaWal.Node.Output;

namespace AkkaWal.Node.Bridge.Setup;

/// <summary>The connections of the bridge to the rest of the process.</summary>
/// <param name="Credit">The credit for which the reader of standard input waits.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Note">Writes a line for operators; never waits.</param>
/// <param name="OpenLog">
/// Gives the props of a node's log, by the node's name. Called at <c>init</c>, and at the next request after the log
/// has stopped.
/// </param>
/// <param name="OpenKafka">
/// Gives the props of the actor for a node's kafka workload, by the node's name. Called at its first request.
/// </param>
/// <param name="Clock">The time of deadlines. The bridge calls its <see cref="RequestClock.Beat"/>.</param>
/// <param name="Ended">Called once, when the bridge is done.</param>
internal sealed record BridgePorts(
    InputCredit Credit,
    OutputWriter Output,
    Action<string> Note,
    Func<string, Props> OpenLog,
    Func<string, Props> OpenKafka,
    RequestClock Clock,
    Action<BridgeEnd> Ended);
