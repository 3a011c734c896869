using System.Globalization;
using AkkaWal.Node.Tests.EndToEnd;
using Xunit.Abstractions;

namespace AkkaWal.Node.Tests.Workload;

/// <summary>
/// Maelstrom's kafka workload over real pipes. <c>AKKAWAL_KAFKA_OPERATIONS</c> sets the number of operations of a run
/// (Maelstrom does 20,000 in 20 seconds at a rate of 1,000), and <c>AKKAWAL_SEED</c> runs one seed again. Clients of
/// such a run give up when Maelstrom's do.
/// </summary>
public sealed class KafkaWorkloadSpec(ITestOutputHelper output) : NodeSpec
{
    private const int FewOperations = 1500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(2, null)]
    [InlineData(20, null)]
    [InlineData(20, 8)]
    public async Task Kafka_workload_should_be_valid(int clients, int? maxOpenLogs)
    {
        var operations = Number("AKKAWAL_KAFKA_OPERATIONS");
        var seed = Number("AKKAWAL_SEED") ?? Environment.TickCount;
        var size = new KafkaLoadSize
        {
            Clients = clients,
            Operations = operations ?? FewOperations,
            MaxWritesPerKey = operations is null ? 3 : 17,
            GiveUpAfter = operations is null ? null : Patience,
        };

        using var node = new NodeRunner(Temporary, "--config", ConfigOf(maxOpenLogs, isPatient: operations is null));
        node.Send(NodeRunner.Init);
        await node.ReadLine();
        var load = new KafkaLoad(node, size, seed);
        await load.Run();
        node.Input.Close();
        var (notes, status) = await node.End();

        var what = $"seed {seed}, {load.KeyCount} keys, {load.History.Count} operations, slowest reply "
            + $"{load.Slowest.TotalMilliseconds:F0} ms, at the end {load.SlowestFinal.TotalMilliseconds:F0} ms";
        output.WriteLine(what);
        var errors = KafkaChecker.Check(load.History);
        Assert.True(errors.Count == 0, $"{what}: {errors.Count} errors\n{string.Join('\n', errors.Take(20))}\n{notes}");
        Assert.Equal(0, status);
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private string ConfigOf(int? maxOpenLogs, bool isPatient)
    {
        var file = Path.Combine(Root, "workload.conf");
        var openLogs = maxOpenLogs is { } most ? $"akka-wal.node.kafka.max-open-logs = {most}\n" : "";
        File.WriteAllText(file, openLogs + (isPatient ? "akka-wal.node.request-timeout = 60 s\n" : ""));
        return file;
    }
}
