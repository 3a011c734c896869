using System.Globalization;

namespace AkkaWal.Benchmarks.Harness;

/// <summary>What the command line of <c>run</c> says.</summary>
internal sealed record RunOptions
{
    internal bool IsQuick { get; init; }

    internal IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>A part of the names of the only variants to run; null for all.</summary>
    internal string? Variant { get; init; }

    /// <summary>The only contender to run, for profiling; null for all.</summary>
    internal string? Contender { get; init; }

    internal int Rounds { get; init; } = 5;

    internal string Directory { get; init; } = Path.GetTempPath();

    internal string OutFile { get; init; } = "benchmark-results.tsv";

    /// <exception cref="ArgumentException">An argument is not known or lacks its value.</exception>
    internal static RunOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new RunOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] == "--quick")
            {
                options = options with { IsQuick = true, Rounds = 1 };
                continue;
            }
            if (i + 1 == arguments.Count) throw new ArgumentException($"{arguments[i]} is not known or wants a value");
            var value = arguments[i + 1];
            options = arguments[i++] switch
            {
                "--only" => options with { Only = [.. options.Only, .. value.Split(',')] },
                "--variant" => options with { Variant = value },
                "--contender" => options with { Contender = value },
                "--rounds" => options with { Rounds = ParseRounds(value) },
                "--dir" => options with { Directory = Path.GetFullPath(value) },
                "--out" => options with { OutFile = Path.GetFullPath(value) },
                _ => throw new ArgumentException($"{arguments[i - 1]} is not known"),
            };
        }
        return options;
    }

    private static int ParseRounds(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) && rounds >= 1
            ? rounds
            : throw new ArgumentException($"--rounds wants a number of at least 1, not '{value}'");
}
