using System.Diagnostics;

namespace AkkaWal.Benchmarks.Harness;

/// <summary>Threads that repeat a call: first unmeasured, then for as long as a contender runs.</summary>
internal static class Threads
{
    private const int ItemsPerLook = 256;

    /// <param name="context">The run.</param>
    /// <param name="count">How many threads.</param>
    /// <param name="newItem">
    /// Called once on each thread, with a source of random numbers that only this thread uses. Returns the call that
    /// the thread repeats.
    /// </param>
    /// <returns>The calls a second of all threads together.</returns>
    internal static Figure Rate(BenchContext context, int count, Func<Random, Action> newItem)
    {
        var warm = context.WarmUp;
        var end = warm + context.Duration;
        var clock = Stopwatch.StartNew();
        long done = 0;
        Exception? failure = null;
        var threads = Enumerable.Range(0, count).Select(seed => new Thread(() =>
        {
            try
            {
                var item = newItem(new Random(seed));
                long measured = 0;
                for (var now = clock.Elapsed; now < end; now = clock.Elapsed)
                {
                    for (var i = 0; i < ItemsPerLook; i++) item();
                    if (now >= warm) measured += ItemsPerLook;
                }
                Interlocked.Add(ref done, measured);
            }
            catch (Exception e)
            {
                failure = e;
            }
        })).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        if (failure is not null) throw new InvalidOperationException(failure.Message, failure);
        return new Figure(Metrics.Rate, done / context.Duration.TotalSeconds);
    }
}
