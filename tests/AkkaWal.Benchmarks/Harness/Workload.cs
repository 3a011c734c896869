namespace AkkaWal.Benchmarks.Harness;

/// <summary>Something that logs are used for.</summary>
/// <param name="Name">What <c>--only</c> names.</param>
/// <param name="Contests">
/// Its contests, one after the other. What a contest needs is set up before it is yielded, and removed when the next
/// one is asked for.
/// </param>
internal sealed record Workload(string Name, Func<BenchContext, IEnumerable<Contest>> Contests);
