using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AkkaWal.Node.CommandLine;

/// <summary>One column of a table.</summary>
/// <param name="Title">The column's heading.</param>
/// <param name="IsNumber">Whether it is aligned to the right.</param>
/// <param name="MayGo">
/// Whether it is left out if it is empty or the window is too narrow. The last such column is left out first.
/// </param>
internal sealed record ReportColumn(string Title, bool IsNumber = false, bool MayGo = false);

/// <summary>Renders results: text, tables and pictures for operators, JSON for programs.</summary>
internal static class Report
{
    // A border, and a blank on both sides of each cell.
    private const int ColumnFrame = 3, TableFrame = 1;

    // Beside the names of segments less would leave no room for bars.
    private const int NarrowestChart = 32;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = Encoder };

    private static readonly JsonSerializerOptions OnOneLine = new() { Encoder = Encoder };

    // Escapes little, since the output is not part of an HTML page.
    private static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>A JSON document on several lines.</summary>
    public static string Document(JsonObject document) => document.ToJsonString(Indented) + "\n";

    /// <summary>A JSON document on one line.</summary>
    public static string Line(JsonObject document) => document.ToJsonString(OnOneLine) + "\n";

    /// <summary>An error, as a document of JSON on one line.</summary>
    public static string Error(string message, string hint, int status) =>
        Line(new() { ["error"] = message, ["hint"] = hint, ["status"] = status });

    /// <summary>
    /// A table, with lines around its cells on a terminal and without them elsewhere. If the window is too narrow, a
    /// list: one line for each cell, and an empty line after each row.
    /// </summary>
    public static string Table(
        OperatorConsole console, IReadOnlyList<ReportColumn> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        List<int> kept = [.. Enumerable.Range(0, columns.Count)];
        kept.RemoveAll(index => columns[index].MayGo && rows.All(row => row[index].Length == 0));
        while (WidthOf(columns, rows, kept) > console.Columns
            && kept.FindLast(index => columns[index].MayGo) is > 0 and var last)
            kept.Remove(last);

        if (WidthOf(columns, rows, kept) > console.Columns) return List(columns, rows);
        var table = new Table { Border = console.IsOutputTerminal ? TableBorder.Rounded : TableBorder.None };
        foreach (var index in kept)
        {
            var column = new TableColumn(new Text(columns[index].Title));
            table.AddColumn(columns[index].IsNumber ? column.RightAligned() : column);
        }
        foreach (var row in rows) table.AddRow(kept.Select(index => new Text(row[index])));
        return Render(console, table);
    }

    /// <summary>A bar for each value; "" if standard output gets no pictures.</summary>
    public static string Bars(
        OperatorConsole console, string title, IEnumerable<(string Name, double Value, Color Color)> bars)
    {
        if (!console.IsRich || console.Columns < NarrowestChart) return "";
        var chart = new BarChart().Label(Markup.Escape(title)).LeftAlignLabel();
        foreach (var (name, value, color) in bars) chart.AddItem(Markup.Escape(name), value, color);
        return Render(console, chart);
    }

    /// <summary>The text for a size.</summary>
    public static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        var unit = 0;
        for (; value >= 1024 && unit < units.Length - 1; unit++) value /= 1024;
        return unit == 0 ? $"{bytes} B" : $"{value:0.0} {units[unit]}";
    }

    /// <summary>A count with its noun.</summary>
    public static string Count(long count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";

    private static string List(IReadOnlyList<ReportColumn> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var width = columns.Max(column => column.Title.Length);
        var lines = rows.Select(row => string.Concat(columns.Select((column, index) =>
            row[index].Length == 0 ? "" : $"{column.Title.PadRight(width)}  {row[index]}\n")));
        return string.Join('\n', lines);
    }

    private static int WidthOf(
        IReadOnlyList<ReportColumn> columns, IReadOnlyList<IReadOnlyList<string>> rows, List<int> kept) =>
        TableFrame + kept.Sum(index =>
            ColumnFrame + rows.Select(row => row[index].Length).Append(columns[index].Title.Length).Max());

    private static string Render(OperatorConsole console, IRenderable content)
    {
        using var text = new StringWriter();
        var ansi = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = console.IsRich ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = console.IsRich ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        ansi.Profile.Width = console.Columns;
        ansi.Profile.Capabilities.Unicode = true;
        ansi.Write(content);
        return string.Concat(text.ToString().TrimEnd().Split('\n').Select(static line => line.TrimEnd() + "\n"));
    }
}
