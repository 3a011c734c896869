namespace AkkaWal.Cluster.Example.Runs;

/// <summary>Measures the figures of docs/CLUSTER.md, and prints them as tables of Markdown.</summary>
internal static class BenchVerb
{
    internal static async Task<int> Run(IReadOnlyList<string> words)
    {
        var given = new Arguments(words, "seconds", "rounds", "logs");
        var time = TimeSpan.FromSeconds(given.Number("seconds", 5, 1, 600));
        await Rates.Print(time);
        await Moves.Print(given.Number("rounds", 10, 1, 1000));
        await Footprint.Print(given.Number("logs", 1000, 1, 100_000));
        return 0;
    }

    /// <summary>Prints a row of a table.</summary>
    internal static void Row(params string[] cells) => Console.WriteLine($"| {string.Join(" | ", cells)} |");

    /// <summary>Prints the head of a table.</summary>
    internal static void Head(params string[] cells)
    {
        Console.WriteLine();
        Row(cells);
        Row([.. cells.Select(_ => "---")]);
    }
}
