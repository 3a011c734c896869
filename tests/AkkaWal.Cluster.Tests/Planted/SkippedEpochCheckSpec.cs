using AkkaWal.Cluster.Entity;
using AkkaWal.Cluster.Naming;
using AkkaWal.Cluster.Tests.History;
using AkkaWal.Cluster.Tests.Nodes;

namespace AkkaWal.Cluster.Tests.Planted;

/// <summary>
/// A cluster is split, and the storage has lost the locks of one side. The other side takes the logs over. Then the
/// former owners go on to append. If they do not look for the next epoch, the checker must find it.
/// </summary>
public sealed class SkippedEpochCheckSpec : ClusterSpec
{
    private const string Former = "former", Next = "next", Late = "late";

    private static readonly string[] Names = [.. Enumerable.Range(0, 5).Select(i => $"orders-{i}")];

    private readonly HistoryChecker _history = new();

    [Fact]
    public async Task Append_that_an_owner_acknowledges_without_the_check_should_be_found_as_lost()
    {
        var (verdict, readers) = await AppendOnBothSides(new LocklessFiles(isBlind: true));
        Assert.All(Names, name => Assert.Equal(2, CountClaims(name)));
        foreach (var name in Names)
        {
            var late = _history.BegunAfter(name, Late, 0)
                .Where(entry => entry.Outcome == HistoryChecker.Outcome.Acknowledged).ToList();
            Assert.NotEmpty(late);
            Assert.All(late, entry => Assert.Contains(
                new Violation(ViolationKind.Lost, $"{entry} was acknowledged at {entry.Offset} and is not there"),
                verdict.Violations));
        }
        Assert.All(
            verdict.Violations.Where(violation => violation.Kind == ViolationKind.Lost),
            violation => Assert.StartsWith(Late, violation.Text, StringComparison.Ordinal));
        Assert.All(Names, name => Assert.Contains(
            readers.Problems, problem => problem.Contains($" to {name} was acknowledged", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Owners_that_check_the_epoch_should_lose_nothing_without_their_locks()
    {
        var (verdict, readers) = await AppendOnBothSides(new LocklessFiles(isBlind: false));
        // Each former owner has found out that it lost its log, and has taken it back.
        Assert.All(Names, name => Assert.True(CountClaims(name) > 2));
        Assert.Empty(verdict.Violations);
        Assert.Empty(readers.Problems);
    }

    // Only one side has requests at a time: two sides that both know the rules would take the logs from each other.
    private async Task<(Verdict Verdict, Readers Readers)> AppendOnBothSides(LocklessFiles files)
    {
        await Cluster.StartNode(o =>
            o.EntityProps = (region, log) => LogEntity.PropsOf(region with { Files = files }, log));
        await Cluster.StartProxy();
        await using var others = new TestCluster(Cluster);
        await others.StartNode();
        await Append(Cluster, Former);
        await Append(others, Next);
        // The former owners still have the logs open.
        var late = await Append(Cluster, Late);
        var readers = new Readers(late, Names);
        readers.Start(others.Nodes[0]);
        await readers.CaughtUp();
        await readers.Stop();
        return (await late.Compare(name => others.Nodes[0].Logs.Client(name)), readers);
    }

    // Each log has acknowledged appends when this returns.
    private async Task<Load> Append(TestCluster side, string sender)
    {
        var load = new Load(_history);
        foreach (var name in Names) load.Append(side.Nodes[^1].Logs.Client(name), name, sender);
        await load.AllAnswered();
        await load.Stop();
        return load;
    }

    private int CountClaims(string log) => Directory.GetFiles(
        Path.Combine(Cluster.SharedRoot, LogName.FolderOf(log), "epochs"), "*.claim").Length;
}
