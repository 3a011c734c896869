using System.Globalization;
using System.Net;
using System.Text;

namespace AkkaWal.Benchmarks.Plots;

/// <summary>One bar of a chart.</summary>
/// <param name="Label">The contender.</param>
/// <param name="Value">The length.</param>
/// <param name="Low">The least of all rounds.</param>
/// <param name="High">The most.</param>
/// <param name="IsOurs">Whether it is drawn as one of AkkaWal's.</param>
internal sealed record ChartBar(string Label, double Value, double Low, double High, bool IsOurs);

/// <summary>Bars that share a panel and its scale.</summary>
internal sealed record ChartGroup(string Title, IReadOnlyList<ChartBar> Bars);

/// <summary>
/// Horizontal bars as SVG. Each group has a panel with a scale of its own, which starts at zero: groups differ by
/// orders of magnitude, and only bars of one group are compared. A whisker goes from the lowest round to the highest.
/// If the highest is far out, the whisker is cut at the end of the scale, and the label says how far it goes.
/// </summary>
/// <param name="title">What is shown.</param>
/// <param name="legend">How to read it.</param>
/// <param name="axis">What the numbers are, with their unit.</param>
/// <param name="groups">The panels.</param>
internal sealed class BarChart(string title, string legend, string axis, IReadOnlyList<ChartGroup> groups)
{
    private const int Width = 900, Left = 240, Right = 170, PlotWidth = Width - Left - Right;
    private const int HeadHeight = 64, TitleHeight = 26, RowHeight = 24, BarHeight = 16;
    private const int AxisHeight = 40, PanelGap = 22, Foot = 4;

    /// <summary>The scale of a panel ends at most at this multiple of its longest bar.</summary>
    private const double MostWhisker = 1.4;

    private const string Ours = "#1257a8", Theirs = "#b9c3d0", Ink = "#1c2430", Faint = "#5b6673", Grid = "#e3e7ec";

    private readonly StringBuilder _svg = new();

    internal string Draw()
    {
        var height = HeadHeight + groups.Sum(PanelHeight) + (groups.Count - 1) * PanelGap + Foot;
        Put($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\"");
        Put($"  viewBox=\"0 0 {Width} {height}\"");
        Put($"  font-family=\"Helvetica, Arial, DejaVu Sans, sans-serif\" font-size=\"13\" fill=\"{Ink}\">");
        Put($"<rect width=\"{Width}\" height=\"{height}\" fill=\"#fff\"/>");
        Text(16, 28, title, "font-size=\"17\" font-weight=\"bold\"");
        Text(16, 48, legend, $"font-size=\"12\" fill=\"{Faint}\"");
        var y = HeadHeight;
        foreach (var group in groups)
        {
            DrawPanel(group, y);
            y += PanelHeight(group) + PanelGap;
        }
        Put($"</svg>");
        return _svg.ToString();
    }

    private static int PanelHeight(ChartGroup group) => TitleHeight + group.Bars.Count * RowHeight + AxisHeight;

    private void DrawPanel(ChartGroup group, int top)
    {
        var longest = group.Bars.Max(bar => bar.Value);
        var most = Math.Max(longest, group.Bars.Max(bar => Math.Min(bar.High, longest * MostWhisker)));
        var step = StepFor(most);
        var end = Math.Ceiling(most / step) * step;
        var bottom = top + TitleHeight + group.Bars.Count * RowHeight;
        Text(16, top + 15, group.Title, "font-weight=\"bold\"");
        for (var tick = 0; tick * step <= end * 1.001; tick++)
        {
            var x = X(tick * step, end);
            var stroke = tick == 0 ? Faint : Grid;
            Put($"<line x1=\"{x}\" y1=\"{top + TitleHeight - 4}\" x2=\"{x}\" y2=\"{bottom}\" stroke=\"{stroke}\"/>");
            Text(x, bottom + 15, Short(tick * step), $"font-size=\"11\" fill=\"{Faint}\" text-anchor=\"middle\"");
        }
        Text(Left + PlotWidth / 2.0, bottom + 31, axis, $"font-size=\"11\" fill=\"{Faint}\" text-anchor=\"middle\"");
        for (var i = 0; i < group.Bars.Count; i++) DrawBar(group.Bars[i], top + TitleHeight + i * RowHeight, end);
    }

    private void DrawBar(ChartBar bar, int top, double end)
    {
        var middle = top + RowHeight / 2;
        var weight = bar.IsOurs ? " font-weight=\"bold\"" : "";
        Text(Left - 10, middle + 4.5, bar.Label, $"text-anchor=\"end\"{weight}");
        var length = Math.Max(1, X(bar.Value, end) - Left);
        var (y, fill) = (middle - BarHeight / 2, bar.IsOurs ? Ours : Theirs);
        Put($"<rect x=\"{Left}\" y=\"{y}\" width=\"{length}\" height=\"{BarHeight}\" fill=\"{fill}\"/>");
        var isCut = bar.High > end;
        var (low, high) = (X(bar.Low, end), X(Math.Min(bar.High, end), end));
        if (high - low >= 1)
        {
            Whisker($"M{low} {middle}H{high}M{low} {middle - 4}v8");
            Whisker(isCut ? $"M{high - 5} {middle - 4}l5 4l-5 4" : $"M{high} {middle - 4}v8");
        }
        var label = isCut ? $"{Short(bar.Value)} (to {Short(bar.High)})" : Short(bar.Value);
        Text(Math.Max(high, Left + length) + 8, middle + 4.5, label, $"font-size=\"12\"{weight}");
    }

    // Dark with a white edge: it can be seen on a dark bar, and on the white beside a short one.
    private void Whisker(string path)
    {
        Put($"<path d=\"{path}\" fill=\"none\" stroke=\"#fff\" stroke-width=\"3\"/>");
        Put($"<path d=\"{path}\" fill=\"none\" stroke=\"{Ink}\" stroke-width=\"1.3\"/>");
    }

    private void Text(double x, double y, string text, string attributes) =>
        Put($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" {attributes}>{WebUtility.HtmlEncode(text)}</text>");

    private static double X(double value, double end) => Math.Round(Left + (end > 0 ? value / end * PlotWidth : 0), 1);

    // Four to eight ticks.
    private static double StepFor(double most)
    {
        if (most <= 0) return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return (most / power) switch
        {
            <= 1.6 => power / 4,
            <= 4 => power / 2,
            _ => power,
        };
    }

    private static string Short(double value)
    {
        var (scaled, suffix) = value switch
        {
            >= 999_500 => (value / 1e6, " M"),
            >= 9_995 => (value / 1e3, " k"),
            _ => (value, ""),
        };
        var format = scaled >= 1000 ? "#,0" : scaled >= 100 ? "0" : scaled >= 10 ? "0.#" : "0.##";
        return scaled.ToString(format, CultureInfo.InvariantCulture) + suffix;
    }

    private void Put(FormattableString line) => _svg.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}
