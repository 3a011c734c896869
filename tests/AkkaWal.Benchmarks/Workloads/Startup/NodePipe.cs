using System.Diagnostics;
using System.Text;
using AkkaWal.Benchmarks.Children;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Reports;
using AkkaWal.Benchmarks.Subjects;

namespace AkkaWal.Benchmarks.Workloads.Startup;

/// <summary>The node behind a pipe: requests a second, and the time and the memory up to its first reply.</summary>
internal static class NodePipe
{
    private const int PayloadBytes = 100, UnmeasuredExchanges = 4;

    internal static Workload Requests { get; } = new("node", RequestContests);

    internal static Workload Starts { get; } = new("start", StartContests);

    private static string Payload => Encoding.ASCII.GetString(Payloads.Of(PayloadBytes));

    private static IEnumerable<Contest> RequestContests(BenchContext context)
    {
        var count = context.Pick(200_000, 500);
        // Three processes share the processors, so single figures vary more than elsewhere.
        var rounds = context.Pick(9, 1);
        var appends = Pipe.Lines(count, _ => $"\"type\":\"wal_append\",\"payload\":\"{Payload}\"");
        var random = new Random(1);
        var reads = Pipe.Lines(count, _ => $"\"type\":\"wal_read\",\"offset\":{random.Next(count)}");
        foreach (var flush in new[] { "os-cache", "always" })
        {
            yield return new Contest("node", $"append, {flush}",
            [
                new(Names.Node, () => WithNode(context, flush, pipe => Rate(pipe, appends, count))),
                new(Names.BareLoop, () => WithBareLoop(pipe => Rate(pipe, appends, count))),
            ]) { WarmsUp = false, Rounds = rounds };
        }
        yield return new Contest("node", "read",
        [
            new(Names.Node, () => WithNode(context, "os-cache", pipe =>
            {
                pipe.Exchange(appends, count);
                return Rate(pipe, reads, count);
            })),
            new(Names.BareLoop, () => WithBareLoop(pipe => Rate(pipe, reads, count))),
        ]) { WarmsUp = false, Rounds = rounds };
    }

    private static IEnumerable<Contest> StartContests(BenchContext context)
    {
        var starts = context.Pick(20, 1);
        yield return new Contest("start", "first reply",
        [
            new(Names.Node, () => FirstReply(() => Child.StartNode(context.NewPath("node"), "always"))),
            new(Names.BareLoop, () => FirstReply(() => Child.Start(BareLoop.Name))),
        ], Metrics.Time) { Rounds = starts, WarmsUp = false };
    }

    // The first exchanges are not measured: during them the JIT optimizes the hot code, which takes a second or two.
    private static IReadOnlyList<Figure> Rate(Pipe pipe, byte[] lines, int count)
    {
        for (var i = 0; i < UnmeasuredExchanges; i++) pipe.Exchange(lines, count);
        return [new(Metrics.Rate, count / pipe.Exchange(lines, count).TotalSeconds)];
    }

    private static IReadOnlyList<Figure> WithNode(
        BenchContext context, string flush, Func<Pipe, IReadOnlyList<Figure>> measure)
    {
        var directory = context.NewPath("node");
        using var pipe = new Pipe(Child.StartNode(directory, flush));
        pipe.Exchange(Encoding.ASCII.GetBytes(Pipe.Init + "\n"), 1);
        return measure(pipe);
    }

    private static IReadOnlyList<Figure> WithBareLoop(Func<Pipe, IReadOnlyList<Figure>> measure)
    {
        using var pipe = new Pipe(Child.Start(BareLoop.Name));
        return measure(pipe);
    }

    // The memory is the peak up to the reply.
    private static IReadOnlyList<Figure> FirstReply(Func<Process> start)
    {
        var clock = Stopwatch.StartNew();
        using var pipe = new Pipe(start());
        pipe.Exchange(Encoding.ASCII.GetBytes(Pipe.Init + "\n"), 1);
        var elapsed = clock.Elapsed;
        return [new(Metrics.Time, elapsed.TotalMilliseconds), new(Metrics.Memory, pipe.PeakMebiBytes)];
    }
}
