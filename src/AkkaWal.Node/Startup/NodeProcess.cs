using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.Configuration;
using AkkaWal.Configuration.Hocon;
using AkkaWal.Node.Bridge;
using AkkaWal.Node.Bridge.Requests;
using AkkaWal.Node.Bridge.Setup;
using AkkaWal.Node.Data;
using AkkaWal.Node.Input;
using AkkaWal.Node.Kafka;
using AkkaWal.Node.Output;
using AkkaWal.Storage;

namespace AkkaWal.Node.Startup;

/// <summary>Runs the node: connects standard input and output to a bridge, and waits for its end.</summary>
internal sealed class NodeProcess(Config config, WalSettings wal, NodeSettings settings, Notes notes)
{
    private readonly TaskCompletionSource<BridgeEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DataDirectory _home = new(
        WalFileSystem.Default, wal.Directory.Length > 0 ? Path.GetFullPath(wal.Directory) : null,
        Path.GetTempPath(), notes.Write);

    private int _signalCount;

    private string PatienceToEnd => $"{RequestTimes.Say(settings.ShutdownTimeout)} (akka-wal.node.shutdown-timeout)";

    /// <summary>Serves until the input ends or a signal comes.</summary>
    /// <returns>The exit status.</returns>
    /// <exception cref="WalConfigException">Akka.NET does not start with this configuration.</exception>
    public int Run(Stream input, Stream output)
    {
        var credit = new InputCredit(4 * LineReader.ChunkBytes);
        var writer = new OutputWriter(output, settings.OutputBytes);
        var system = Started(() => ActorSystem.Create("akkawal", config));
        var clock = new RequestClock(TimeProvider.System);
        var ports = new BridgePorts(
            credit,
            writer,
            notes.Write,
            name => OpenLog(system, name),
            name => OpenKafka(system, name),
            clock,
            end => _ended.TrySetResult(end));

        var props = Props.Create<StdioBridge>(settings, ports).WithDeploy(Deploy.Local);
        var bridge = Started(() => system.ActorOf(props, "stdio"));
        var reader = new LineReader(
            input, settings.MaxLineBytes, credit, () => clock.Now, message =>
                bridge.Tell(message, ActorRefs.NoSender), notes.Write);
        new Thread(reader.Run) { IsBackground = true, Name = "akkawal-input" }.Start();

        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => OnSignal(context, bridge));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => OnSignal(context, bridge));
        var end = _ended.Task.GetAwaiter().GetResult();
        if (end.Problem is not null) notes.Write(end.Problem);
        var isClean = Stop(system) && end.Problem is null;
        notes.Flush(TimeSpan.FromSeconds(1));
        return isClean ? 0 : 1;
    }

    // Akka.NET reports an illegal value of its own keys by exceptions of any type.
    private static T Started<T>(Func<T> start)
    {
        try
        {
            return start();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var reason = TextExcerpt.Of(e.GetBaseException().Message);
            throw new WalConfigException($"Akka.NET does not start with this configuration: {reason}", e);
        }
    }

    private Props OpenLog(ActorSystem system, string nodeId)
    {
        var props = LogManager.Props(system, wal with
        {
            Directory = _home.DirectoryOf(nodeId),
            Options = wal.Options with { Neighbours = [KafkaWorkload.Name] },
        });
        ThreadPool.UnsafeQueueUserWorkItem(static home => home.Sweep(), _home, preferLocal: false);
        return props;
    }

    private Props OpenKafka(ActorSystem system, string nodeId)
    {
        var root = Path.Combine(_home.DirectoryOf(nodeId), KafkaWorkload.Name);
        return new KafkaWorkload(system, wal, settings.Kafka, WalFileSystem.Default, root).Broker;
    }

    // The first signal ends the input. The second one ends the process, as without a handler.
    private void OnSignal(PosixSignalContext context, IActorRef bridge)
    {
        if (Interlocked.Increment(ref _signalCount) > 1) return;
        context.Cancel = true;
        bridge.Tell(StopReading.Instance, ActorRefs.NoSender);
        _ = GiveUpLater();
    }

    private async Task GiveUpLater()
    {
        await Task.Delay(settings.ShutdownTimeout).ConfigureAwait(false);
        _ended.TrySetResult(new BridgeEnd($"not all could be answered within {PatienceToEnd} of the signal"));
    }

    private bool Stop(ActorSystem system)
    {
        if (!system.Terminate().Wait(settings.ShutdownTimeout))
        {
            notes.Write($"the log could not be closed within {PatienceToEnd}");
            return false;
        }

        try
        {
            _home.Remove();
        }
        catch (WalException e)
        {
            notes.Write($"the private folder could not be removed: {e.Message}");
        }

        return true;
    }
}
