namespace AkkaWal.Tests.House.Rules;

/// <summary>The limit for the length of a line.</summary>
internal static class LineRules
{
    internal const int MaxColumns = 120;

    /// <summary>The lines of a file that are too long: their places and lengths.</summary>
    internal static IEnumerable<string> Offences(string file, IEnumerable<string> lines) =>
        from line in lines.Select((text, index) => (text, number: index + 1))
        let columns = line.text.TrimEnd('\r').Length
        where columns > MaxColumns
        select $"{file}:{line.number}: {columns} columns";
}
