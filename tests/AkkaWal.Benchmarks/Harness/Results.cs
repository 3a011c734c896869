namespace AkkaWal.Benchmarks.Harness;

/// <summary>One number of one contender in every round, in the order of the rounds.</summary>
internal sealed record Series(
    string Workload, string Variant, string Contender, string Metric, IReadOnlyList<double> Values)
{
    internal double Median => MedianOf(Values);

    internal double Min => Values.Min();

    internal double Max => Values.Max();

    internal static double MedianOf(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1
            ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>All that a run measured, in the order of the measurements.</summary>
/// <param name="Facts">The date, the machine, the disk and the like: name and value.</param>
/// <param name="Series">The numbers.</param>
internal sealed record Results(IReadOnlyList<(string Name, string Value)> Facts, IReadOnlyList<Series> Series)
{
    /// <summary>The name of the fact that marks a run with sizes that are too small to mean anything.</summary>
    internal const string QuickFact = "quick";

    internal Series? Find(string workload, string variant, string contender, string metric) =>
        Series.FirstOrDefault(
            s => s.Workload == workload && s.Variant == variant && s.Contender == contender && s.Metric == metric);

    /// <summary>
    /// One contender's numbers divided by another's, round by round: the machine changes more between rounds than
    /// within one.
    /// </summary>
    internal static IReadOnlyList<double> Ratios(Series ours, Series theirs) =>
        [.. ours.Values.Zip(theirs.Values, (a, b) => b == 0 ? double.NaN : a / b)];
}
