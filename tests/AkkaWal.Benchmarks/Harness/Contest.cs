namespace AkkaWal.Benchmarks.Harness;

/// <summary>One measured number.</summary>
/// <param name="Metric">What it is; see <see cref="Metrics"/>.</param>
/// <param name="Value">In the metric's unit.</param>
internal readonly record struct Figure(string Metric, double Value);

/// <summary>A log, or something else, that does a workload.</summary>
/// <param name="Name">As the tables show it.</param>
/// <param name="Run">Does it once, from the start, and cleans up after itself.</param>
internal sealed record Contender(string Name, Func<IReadOnlyList<Figure>> Run);

/// <summary>Contenders that do the same thing, one right after the other, in each round.</summary>
/// <param name="Workload">The workload's name.</param>
/// <param name="Variant">Which of its sizes.</param>
/// <param name="Contenders">The first one is what the others are compared with.</param>
/// <param name="Metric">The metric by which they are compared.</param>
internal sealed record Contest(
    string Workload, string Variant, IReadOnlyList<Contender> Contenders, string Metric = Metrics.Rate)
{
    /// <summary>The number of rounds; null for the run's own.</summary>
    internal int? Rounds { get; init; }

    /// <summary>
    /// Whether a round that does not count comes first. There is none where each round starts a process of its own.
    /// </summary>
    internal bool WarmsUp { get; init; } = true;
}
