using System.Diagnostics;
using AkkaWal.Cluster.Example.Nodes;

namespace AkkaWal.Cluster.Example.Processes;

/// <summary>What happened to the nodes of a cluster, and when. For any number of threads.</summary>
internal sealed class Timeline
{
    /// <summary>This process's node misses heartbeats of it, or was told that another one does.</summary>
    internal const string Unreachable = "unreachable";

    internal const string Reachable = "reachable";

    /// <summary>It is no member any more.</summary>
    internal const string Removed = "removed";

    private readonly Lock _lock = new();
    private readonly List<Happening> _all = [];
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void Add(string node, string what)
    {
        TaskCompletionSource waiting;
        lock (_lock)
        {
            _all.Add(new Happening(Stopwatch.GetTimestamp(), node, what));
            (waiting, _next) = (_next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        waiting.SetResult();
    }

    /// <summary>What happened after a moment, in order.</summary>
    internal IReadOnlyList<Happening> After(long timestamp)
    {
        lock (_lock) return [.. _all.Where(one => one.At > timestamp)];
    }

    /// <summary>The first happening after a moment that is as wanted; waits for it.</summary>
    /// <exception cref="TimeoutException">It did not come.</exception>
    internal async Task<Happening> Next(long timestamp, Func<Happening, bool> isWanted, TimeSpan patience)
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (true)
        {
            Task next;
            lock (_lock)
            {
                if (_all.FirstOrDefault(one => one.At > timestamp && isWanted(one)) is { } found) return found;
                next = _next.Task;
            }
            var left = patience - Stopwatch.GetElapsedTime(startedAt);
            await next.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    /// <summary>How long each step of a fail-over took, in words.</summary>
    /// <param name="node">The node that went.</param>
    /// <param name="wentAt">When it did.</param>
    /// <param name="answeredAt">When each log had answered again.</param>
    internal string Steps(string node, long wentAt, long answeredAt)
    {
        var all = After(wentAt);
        var unreachable = all.FirstOrDefault(one => one.Node == node && one.What == Unreachable);
        var removed = all.FirstOrDefault(one => one.Node == node && one.What == Removed);
        var opened = all.Where(one =>
            one.Node != node && one.What.StartsWith(NodeWords.Opened, StringComparison.Ordinal)).ToList();
        return $"detected after {Since(unreachable)}, removed {Since(removed)}, "
            + $"first log open {Since(opened.FirstOrDefault())}, last {Since(opened.LastOrDefault())}, "
            + $"all answered {Seconds(wentAt, answeredAt)}";

        string Since(Happening? one) => one is null ? "-" : Seconds(wentAt, one.At);
    }

    private static string Seconds(long from, long to) => FormattableString.Invariant(
        $"{Stopwatch.GetElapsedTime(from, to).TotalSeconds:F1} s");

    /// <summary>One thing that happened to a node.</summary>
    /// <param name="At">A timestamp of <see cref="Stopwatch"/>.</param>
    /// <param name="Node">The node, as host:port.</param>
    /// <param name="What">A word of this class, or a line of the node.</param>
    internal sealed record Happening(long At, string Node, string What);
}
