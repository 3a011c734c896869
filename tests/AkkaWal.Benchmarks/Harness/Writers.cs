using System.Diagnostics;

namespace AkkaWal.Benchmarks.Harness;

/// <summary>
/// Concurrent writers, each of which begins the next append once the last one is durable: first unmeasured, then for
/// as long as a contender runs.
/// </summary>
internal static class Writers
{
    // Enough for a writer. A thousand stacks of the default size would reserve more than a gigabyte of address space.
    private const int StackBytes = 256 << 10;

    /// <summary>Writers that are tasks.</summary>
    /// <param name="context">The run.</param>
    /// <param name="count">How many writers.</param>
    /// <param name="append">Appends a record; done when it is durable.</param>
    /// <param name="commit">
    /// Commits what was appended; false if there was nothing. It is called over and over beside the writers.
    /// Null where each writer's append commits.
    /// </param>
    internal static IReadOnlyList<Figure> Run(
        BenchContext context, int count, Func<Task> append, Func<Task<bool>>? commit)
    {
        var measured = new Measured(context);
        var stopped = false;

        async Task Write()
        {
            while (!measured.IsOver)
            {
                var start = Stopwatch.GetTimestamp();
                await append();
                measured.Add(start);
            }
        }

        async Task Commit()
        {
            while (!Volatile.Read(ref stopped))
                if (!await commit()) await Task.Yield();
        }

        var committer = commit is null ? Task.CompletedTask : Task.Run(Commit);
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(Write))).GetAwaiter().GetResult();
        Volatile.Write(ref stopped, true);
        committer.GetAwaiter().GetResult();
        return measured.Figures();
    }

    /// <summary>Writers that are threads, for what blocks until a record is durable.</summary>
    /// <param name="context">The run.</param>
    /// <param name="count">How many writers.</param>
    /// <param name="newAppend">Called on each thread. Makes what the thread calls to append a record.</param>
    internal static IReadOnlyList<Figure> RunThreads(BenchContext context, int count, Func<Action> newAppend)
    {
        var measured = new Measured(context);
        var threads = Enumerable.Range(0, count).Select(_ => new Thread(() =>
        {
            var append = newAppend();
            while (!measured.IsOver)
            {
                var start = Stopwatch.GetTimestamp();
                append();
                measured.Add(start);
            }
        }, StackBytes)).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return measured.Figures();
    }

    private sealed class Measured(BenchContext context)
    {
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private readonly TimeSpan _warm = context.WarmUp, _end = context.WarmUp + context.Duration;
        private readonly Latencies _latencies = new();

        internal bool IsOver => _clock.Elapsed >= _end;

        internal void Add(long start)
        {
            if (_clock.Elapsed > _warm) _latencies.AddSince(start);
        }

        internal IReadOnlyList<Figure> Figures() =>
            [new(Metrics.Rate, _latencies.Count / (_clock.Elapsed - _warm).TotalSeconds), .. _latencies.Figures()];
    }
}
