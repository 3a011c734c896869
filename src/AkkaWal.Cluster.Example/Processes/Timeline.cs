using System.Diagnostics;
using System.Globalization;
using AkkaWal.Cluster.Example.Nodes;

namespace AkkaWal.Cluster.Example.Processes;

/// <summary>What happened to the nodes of a cluster, and when. For any number of threads.</summary>
internal sealed class Timeline
{
    /// <summary>A node misses its heartbeats, as this process's node knows.</summary>
    internal const string Unreachable = "unreachable";

    internal const string Reachable = "reachable";

    /// <summary>It is no member of the cluster any more.</summary>
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

    /// <summary>All that happened after a moment, in order.</summary>
    internal IReadOnlyList<Happening> After(long timestamp)
    {
        lock (_lock) return [.. _all.Where(one => one.At > timestamp)];
    }

    /// <summary>Waits for something to happen after a moment, and returns the first that is wanted.</summary>
    /// <exception cref="TimeoutException">It did not happen in time.</exception>
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

    /// <summary>The steps of a fail-over, as far as they were seen.</summary>
    /// <param name="node">The node that was killed or left.</param>
    /// <param name="wentAt">When that was.</param>
    /// <param name="answeredAt">When each log had answered again.</param>
    internal FailoverSteps Steps(string node, long wentAt, long answeredAt)
    {
        var all = After(wentAt).Where(one => one.At <= answeredAt).ToList();
        var opened = all.Where(one => one.Node != node && one.OpeningTime is not null).ToList();
        return new FailoverSteps(
            First(Unreachable), First(Removed),
            Last(one => Since(one.At) - one.OpeningTime), Last(one => Since(one.At)),
            Since(answeredAt));

        TimeSpan Since(long at) => Stopwatch.GetElapsedTime(wentAt, at);

        TimeSpan? First(string what) =>
            all.FirstOrDefault(one => one.Node == node && one.What == what) is { } one ? Since(one.At) : null;

        // A log that began to open before the node went belongs to another move.
        TimeSpan? Last(Func<Happening, TimeSpan?> of) =>
            opened.Where(one => Since(one.At) >= one.OpeningTime).Max(of);
    }

    /// <summary>One thing that happened to a node.</summary>
    /// <param name="At">A timestamp of <see cref="Stopwatch"/>.</param>
    /// <param name="Node">The node, as host:port.</param>
    /// <param name="What">A word of this class, or a line of the node.</param>
    internal sealed record Happening(long At, string Node, string What)
    {
        /// <summary>How long a log took to open, from the start of its actor on; null if no log was opened.</summary>
        internal TimeSpan? OpeningTime => What.Split(' ') is [NodeWords.Opened, var seconds]
            ? TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)) : null;
    }
}
