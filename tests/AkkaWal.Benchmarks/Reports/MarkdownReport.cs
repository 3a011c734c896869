using System.Globalization;
using System.Text;
using AkkaWal.Benchmarks.Harness;

namespace AkkaWal.Benchmarks.Reports;

/// <summary>Results as a page: the run's facts, the goals, and a table for each contest.</summary>
internal static class MarkdownReport
{
    internal static string Of(Results results)
    {
        var page = new StringBuilder(
            "# Measured figures\n\n"
            + "Made by `plot` from a run's file; see [BENCHMARKS.md](../BENCHMARKS.md) for the method.\n\n");
        foreach (var (name, value) in results.Facts) page.Append(CultureInfo.InvariantCulture, $"- {name}: {value}\n");
        Append(page, Goals.All, results);
        page.Append("\n## Every figure\n");
        foreach (var contest in results.Series.GroupBy(s => (s.Workload, s.Variant)))
            Append(page, contest.Key.Workload, contest.Key.Variant, [.. contest]);
        return page.ToString();
    }

    private static void Append(StringBuilder page, IEnumerable<Goal> goals, Results results)
    {
        page.Append("\n## The goals\n\n");
        page.Append("| what is measured | goal | measured | verdict |\n| --- | ---: | ---: | --- |\n");
        var reasons = new List<string>();
        foreach (var goal in goals)
        {
            if (goal.Measured(results) is not { } measured) continue;
            page.Append(CultureInfo.InvariantCulture, $"| {goal.What} | {goal.Wanted} | {Goal.Number(measured)} ");
            page.Append(CultureInfo.InvariantCulture, $"| {goal.Verdict(measured)}");
            if (goal.Verdict(measured) != Goal.Reached)
            {
                if (!reasons.Contains(goal.WhyMissed)) reasons.Add(goal.WhyMissed);
                page.Append(CultureInfo.InvariantCulture, $" ({LetterOf(reasons.IndexOf(goal.WhyMissed))})");
            }
            page.Append(" |\n");
        }
        if (reasons.Count > 0) page.Append("\nWhy goals are missed:\n\n");
        for (var i = 0; i < reasons.Count; i++)
            page.Append(CultureInfo.InvariantCulture, $"- ({LetterOf(i)}) {reasons[i]}\n");

        static char LetterOf(int index) => (char)('a' + index);
    }

    private static void Append(StringBuilder page, string workload, string variant, IReadOnlyList<Series> contest)
    {
        var first = contest[0].Contender;
        page.Append(CultureInfo.InvariantCulture, $"\n### {workload}: {variant}\n\n");
        page.Append(
            CultureInfo.InvariantCulture,
            $"| metric | contender | median | least | most | {first} by it |\n");
        page.Append("| --- | --- | ---: | ---: | ---: | ---: |\n");
        foreach (var series in contest)
        {
            var ours = contest.FirstOrDefault(s => s.Contender == first && s.Metric == series.Metric);
            var ratio = ours is null || ours == series
                ? "" : Series.MedianOf(Results.Ratios(ours, series)).ToString("0.00", CultureInfo.InvariantCulture);
            page.Append(
                CultureInfo.InvariantCulture,
                $"| {series.Metric}, {Metrics.UnitOf(series.Metric)} | {series.Contender} ");
            page.Append(
                CultureInfo.InvariantCulture,
                $"| {TextReport.Number(series.Median)} | {TextReport.Number(series.Min)} ");
            page.Append(CultureInfo.InvariantCulture, $"| {TextReport.Number(series.Max)} | {ratio} |\n");
        }
    }
}
