using System.Diagnostics.Metrics;
using System.Globalization;
using AkkaWal.Cluster.Example.History;

namespace AkkaWal.Cluster.Example.Nodes;

/// <summary>
/// One node as a process. It writes to standard output what happens to it, and reads commands from standard input: see
/// <see cref="NodeWords"/>. It ends on SIGTERM, and when its cluster has removed it.
/// </summary>
internal static class NodeVerb
{
    // Short: a node that its cluster has removed gets no replies, and should end.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    internal static async Task<int> Run(IReadOnlyList<string> words)
    {
        var options = NodeOptions.Parse(words);
        using var opened = Listen();
        await using var node = await ExampleNode.Start(options);
        Console.WriteLine($"{NodeWords.Up} {node.Cluster.SelfAddress}");
        var commands = new Commands(node);
        new Thread(commands.Run) { IsBackground = true, Name = "commands" }.Start();
        await node.End();
        return 0;
    }

    private static MeterListener Listen()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "akkawal.region.lock.wait") listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>(static (_, seconds, _, _) => Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{NodeWords.Opened} {seconds:F3}")));
        listener.Start();
        return listener;
    }

    private sealed class Commands(ExampleNode node)
    {
        private readonly Load _load = new(new HistoryChecker(Console.Out), TimeSpan.FromMilliseconds(20));

        internal void Run()
        {
            while (Console.ReadLine() is { } line)
            {
                switch (line.Split(' '))
                {
                    case [NodeWords.Append, var log, var sender]:
                        _load.Append(node.Logs.Client(log, Timeout), log, sender);
                        break;
                    case [NodeWords.Logs]:
                        _ = Logs();
                        break;
                    case [NodeWords.Stop]:
                        _ = Stop();
                        break;
                    default:
                        Console.Error.WriteLine($"'{line}' is no command");
                        break;
                }
            }
        }

        private async Task Logs() =>
            Console.WriteLine($"{NodeWords.Logs} {string.Join(' ', await node.OpenLogs(Load.Patience))}");

        private async Task Stop()
        {
            await _load.Stop();
            Console.WriteLine($"{NodeWords.Stop} done");
        }
    }
}

/// <summary>The first words of the lines between a node's process and the process that has started it.</summary>
internal static class NodeWords
{
    /// <summary>The node is up. Its address follows.</summary>
    internal const string Up = "up";

    /// <summary>A log was opened. The seconds from the start of its actor on follow.</summary>
    internal const string Opened = "opened";

    /// <summary>Command: append to a log until <see cref="Stop"/>. The log and the sender's name follow.</summary>
    internal const string Append = "append";

    /// <summary>Command: end all appends. The answer comes when they have ended.</summary>
    internal const string Stop = "stop";

    /// <summary>Command: name the logs that are open on the node. In the answer their names follow.</summary>
    internal const string Logs = "logs";
}
