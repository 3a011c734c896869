using Akka.Actor;
using AkkaWal.Node.Input;
using AkkaWal.Node.Output;

namespace AkkaWal.Node.Bridge;

/// <summary>What the bridge is connected to.</summary>
/// <param name="Credit">Where the reader of standard input waits.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Note">Writes a line for people; never waits.</param>
/// <param name="OpenLog">
/// How to start the log of a node, by its name. Called at <c>init</c>, and where it has stopped when it is next asked.
/// </param>
/// <param name="OpenKafka">How to start what serves the kafka workload of a node, by its name. Called when it is first asked.</param>
/// <param name="Clock">Tells the time of deadlines; the bridge has it beat.</param>
/// <param name="Ended">Called once, when the bridge is done.</param>
internal sealed record BridgePorts(
    InputCredit Credit,
    OutputWriter Output,
    Action<string> Note,
    Func<string, Props> OpenLog,
    Func<string, Props> OpenKafka,
    RequestClock Clock,
    Action<BridgeEnd> Ended);
