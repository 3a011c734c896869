using System.Diagnostics;
using System.Numerics;

namespace AkkaWal.Benchmarks.Harness;

/// <summary>
/// Latencies, counted in buckets that are 1/64 of their value wide. Any thread may add; adding costs one interlocked
/// increment.
/// </summary>
internal sealed class Latencies
{
    private const int SubBits = 6, SubCount = 1 << SubBits;

    private readonly long[] _buckets = new long[(64 - SubBits) * SubCount];
    private long _max;

    internal long Count => _buckets.Sum();

    internal void AddSince(long startTimestamp) => Add(startTimestamp, Stopwatch.GetTimestamp());

    internal void Add(long startTimestamp, long endTimestamp) =>
        Add(Stopwatch.GetElapsedTime(startTimestamp, endTimestamp).Ticks * 100);

    internal void Add(long nanoseconds)
    {
        Interlocked.Increment(ref _buckets[BucketOf(nanoseconds)]);
        var max = Volatile.Read(ref _max);
        while (nanoseconds > max && Interlocked.CompareExchange(ref _max, nanoseconds, max) is var seen && seen != max)
            max = seen;
    }

    internal void Clear()
    {
        Array.Clear(_buckets);
        _max = 0;
    }

    /// <summary>The percentiles that every table shows, in microseconds.</summary>
    internal IEnumerable<Figure> Figures() =>
    [
        new(Metrics.P50, At(0.5)), new(Metrics.P99, At(0.99)), new(Metrics.P999, At(0.999)),
        new(Metrics.Max, _max / 1000.0),
    ];

    private double At(double share)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(Count * share));
        for (var i = 0; i < _buckets.Length; i++)
            if ((wanted -= _buckets[i]) <= 0) return MiddleOf(i) / 1000.0;
        return _max / 1000.0;
    }

    private static int BucketOf(long value)
    {
        if (value < SubCount) return (int)Math.Max(0, value);
        var shift = BitOperations.Log2((ulong)value) - SubBits;
        return (shift + 1) * SubCount + (int)((value >> shift) - SubCount);
    }

    private static double MiddleOf(int bucket)
    {
        if (bucket < SubCount) return bucket;
        var shift = bucket / SubCount - 1;
        return (double)(bucket % SubCount + SubCount) * (1L << shift) + (1L << shift) / 2.0;
    }
}
