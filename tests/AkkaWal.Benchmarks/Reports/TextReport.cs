using System.Globalization;
using AkkaWal.Benchmarks.Harness;

namespace AkkaWal.Benchmarks.Reports;

/// <summary>
/// Results as tables for people: one table a contest, with medians, their spread, and the ratio of the first contender
/// to each other one.
/// </summary>
internal static class TextReport
{
    internal static void Write(TextWriter writer, Results results)
    {
        foreach (var (name, value) in results.Facts) writer.WriteLine($"{name}: {value}");
        foreach (var contest in results.Series.GroupBy(s => (s.Workload, s.Variant)))
        {
            writer.WriteLine();
            writer.WriteLine($"{contest.Key.Workload}, {contest.Key.Variant}");
            var first = contest.First().Contender;
            foreach (var metric in contest.Select(s => s.Metric).Distinct())
            {
                var ours = contest.FirstOrDefault(s => s.Contender == first && s.Metric == metric);
                foreach (var series in contest.Where(s => s.Metric == metric)) writer.WriteLine(LineOf(series, ours));
            }
        }
        if (results.Facts.Any(fact => fact.Name == Results.QuickFact)) return;
        writer.WriteLine();
        writer.WriteLine("The goals");
        foreach (var goal in Goals.All)
            if (goal.Measured(results) is { } measured)
                writer.WriteLine(
                    $"  {goal.Verdict(measured),-16} {goal.What}: {Goal.Number(measured)}, wanted {goal.Wanted}");
    }

    private static string LineOf(Series series, Series? ours)
    {
        var text =
            $"  {series.Metric,-9} {series.Contender,-28} {Number(series.Median),14} "
            + $"{Metrics.UnitOf(series.Metric),-8} ({Number(series.Min)} - {Number(series.Max)})";
        if (ours is null || ours == series) return text;
        var ratio = Series.MedianOf(Results.Ratios(ours, series));
        return $"{text}  {ours.Contender} is {ratio.ToString("0.00", CultureInfo.InvariantCulture)} of it";
    }

    internal static string Number(double value) =>
        value.ToString(
            Math.Abs(value) >= 1000 ? "#,0" : Math.Abs(value) >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
