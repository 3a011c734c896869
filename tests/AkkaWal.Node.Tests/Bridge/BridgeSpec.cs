using System.Collections.Concurrent;
using System.Text;
using Akka.Actor;
using Akka.TestKit;
using AkkaWal.Node.Bridge;
using AkkaWal.Node.Bridge.Setup;
using AkkaWal.Node.Input;
using AkkaWal.Node.Output;
using AkkaWal.Protocol;
using AkkaWal.Tests;

namespace AkkaWal.Node.Tests.Bridge;

/// <summary>A bridge whose log and kafka workload are probes, with helpers to talk to it.</summary>
public abstract class BridgeSpec : ActorSpec
{
    protected const string Init =
        """{"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"]}}""";

    private readonly TaskCompletionSource<BridgeEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _position;
    private long _lineNumber = 1;

    private protected GatedStream StandardOutput { get; } = new();

    private protected ManualClock Clock { get; } = new();

    private protected RequestClock Time { get; }

    private protected ConcurrentQueue<string> Notes { get; } = new();

    private protected TestProbe LogProbe { get; }

    private protected TestProbe KafkaProbe { get; }

    private protected InputCredit Credit { get; } = new(1);

    protected BridgeSpec()
    {
        Time = new RequestClock(Clock);
        (LogProbe, KafkaProbe) = (CreateTestProbe(), CreateTestProbe());
    }

    private protected IActorRef Start(NodeSettings? settings = null, Func<string, Props>? openLog = null)
    {
        settings ??= new NodeSettings();
        var ports = new BridgePorts(
            Credit,
            new OutputWriter(StandardOutput, settings.OutputBytes),
            Notes.Enqueue,
            openLog ?? (_ => Props.Create<RelayActor>(LogProbe.Ref)),
            _ => Props.Create<RelayActor>(KafkaProbe.Ref),
            Time,
            end => _ended.TrySetResult(end));
        return Sys.ActorOf(Props.Create<StdioBridge>(settings, ports).WithDeploy(Deploy.Local));
    }

    private protected void Send(IActorRef bridge, params string[] lines)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        bridge.Tell(new InputBlock(bytes, _lineNumber, _position, Time.Now));
        _lineNumber += lines.Length;
        _position += bytes.Length;
    }

    private protected void SendHead(IActorRef bridge, string line)
    {
        bridge.Tell(new InputBlock(Encoding.UTF8.GetBytes(line), _lineNumber++, _position, Time.Now) { IsHead = true });
        _position += line.Length;
    }

    private protected static string Request(string type, int id, string fields = "") =>
        $$$"""{"src":"c1","dest":"n1","body":{"type":"{{{type}}}","msg_id":{{{id}}}{{{fields}}}}}""";

    private protected static string Append(int id, string payload = "x") =>
        Request("wal_append", id, $",\"payload\":\"{payload}\"");

    private protected void Answer(Append request, long offset = 0) =>
        LogProbe.Reply(new Appended(offset, request.RequestId));

    /// <summary>Returns when the bridge and the log have handled all earlier messages.</summary>
    private protected void AwaitHandled(IActorRef bridge, bool withLog = true)
    {
        bridge.Tell(new Identify(0), TestActor);
        ExpectMsg<ActorIdentity>();
        if (!withLog) return;
        Sys.ActorSelection((bridge.Path / "log").ToString()).Tell(new Identify(1), TestActor);
        ExpectMsg<ActorIdentity>();
    }

    /// <summary>Advances the time, beat by beat.</summary>
    private protected void Pass(TimeSpan time)
    {
        for (; time > TimeSpan.Zero; time -= RequestClock.BeatInterval)
        {
            Clock.Advance(RequestClock.BeatInterval);
            Time.Beat();
        }
    }

    private protected async Task<BridgeEnd> End() => await _ended.Task.WaitAsync(TimeSpan.FromMinutes(1));

    private protected static void AssertError(string line, int inReplyTo, int code) =>
        Assert.Contains(
            $"\"type\": \"error\", \"in_reply_to\": {inReplyTo}, \"code\": {code}, ", line, StringComparison.Ordinal);
}
