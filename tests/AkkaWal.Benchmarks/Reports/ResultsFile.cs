using System.Globalization;
using AkkaWal.Benchmarks.Harness;

namespace AkkaWal.Benchmarks.Reports;

/// <summary>
/// Results as tab-separated text: lines of <c># name: value</c>, then a head line, then one line a series. Values stand
/// in the order of the rounds, so that ratios can be made round by round.
/// </summary>
internal static class ResultsFile
{
    private const string Head = "workload\tvariant\tcontender\tmetric\tunit\tmedian\tmin\tmax\tvalues";

    internal static void Write(string path, Results results)
    {
        using var file = new StreamWriter(path);
        foreach (var (name, value) in results.Facts) file.WriteLine($"# {name}: {value}");
        file.WriteLine(Head);
        foreach (var s in results.Series)
        {
            var values = string.Join(';', s.Values.Select(Text));
            file.WriteLine(string.Join(
                '\t', s.Workload, s.Variant, s.Contender, s.Metric, Metrics.UnitOf(s.Metric), Text(s.Median),
                Text(s.Min), Text(s.Max), values));
        }
    }

    /// <exception cref="FormatException">It is no such file.</exception>
    internal static Results Read(string path)
    {
        var facts = new List<(string, string)>();
        var series = new List<Series>();
        foreach (var line in File.ReadLines(path))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                var colon = line.IndexOf(": ", StringComparison.Ordinal);
                if (colon > 0) facts.Add((line[2..colon], line[(colon + 2)..]));
                continue;
            }
            if (line == Head) continue;
            var cells = line.Split('\t');
            if (cells.Length != 9)
                throw new FormatException($"{path}: a line of {cells.Length} cells where 9 are expected: {line}");
            var values = cells[8].Split(';')
                .Select(v => double.TryParse(v, CultureInfo.InvariantCulture, out var value)
                    ? value
                    : throw new FormatException($"{path}: '{v}' is no number"))
                .ToArray();
            series.Add(new Series(cells[0], cells[1], cells[2], cells[3], values));
        }
        return new Results(facts, series);
    }

    private static string Text(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
