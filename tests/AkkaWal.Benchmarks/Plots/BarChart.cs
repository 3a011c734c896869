using System.Globalization;
using System.Net;
using System.Text;

namespace AkkaWal.Benchmarks.Plots;

/// <summary>One bar of a chart.</summary>
/// <param name="Label">Who.</param>
/// <param name="Value">The length.</param>
/// <param name="Low">The least of all rounds.</param>
/// <param name="High">The most.</param>
/// <param name="IsOurs">Whether it is drawn as one of AkkaWal's.</param>
internal sealed record ChartBar(string Label, double Value, double Low, double High, bool IsOurs);

/// <summary>Bars that share an axis, under a heading of their own.</summary>
internal sealed record ChartGroup(string Title, IReadOnlyList<ChartBar> Bars);

/// <summary>A chart of horizontal bars as SVG: a line across each bar's end is the spread of the rounds, and the axis starts at zero.</summary>
internal sealed class BarChart(string title, string axis, IReadOnlyList<ChartGroup> groups)
{
    private const int Width = 860, LabelWidth = 230, ValueWidth = 110, BarHeight = 18, BarGap = 6, GroupGap = 30, Top = 58, AxisHeight = 46;
    private const int PlotWidth = Width - LabelWidth - ValueWidth;

    private readonly StringBuilder _svg = new();

    internal string Draw()
    {
        var rows = groups.Sum(g => g.Bars.Count);
        var bottom = Top + groups.Count * GroupGap + rows * (BarHeight + BarGap);
        var most = groups.SelectMany(g => g.Bars).Max(b => b.High);
        var step = StepFor(most);
        var end = Math.Ceiling(most / step) * step;
        Put($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{bottom + AxisHeight}\" viewBox=\"0 0 {Width} {bottom + AxisHeight}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">");
        Put($"<rect width=\"{Width}\" height=\"{bottom + AxisHeight}\" fill=\"#fff\"/>");
        Put($"<text x=\"16\" y=\"28\" font-size=\"16\" font-weight=\"bold\">{WebUtility.HtmlEncode(title)}</text>");
        for (var tick = 0.0; tick <= end + step / 2; tick += step)
        {
            var x = X(tick, end);
            Put($"<line x1=\"{x}\" y1=\"{Top - 8}\" x2=\"{x}\" y2=\"{bottom}\" stroke=\"#ddd\"/>");
            Put($"<text x=\"{x}\" y=\"{bottom + 16}\" text-anchor=\"middle\" fill=\"#555\">{Short(tick)}</text>");
        }
        Put($"<text x=\"{LabelWidth + PlotWidth / 2}\" y=\"{bottom + 36}\" text-anchor=\"middle\" fill=\"#555\">{WebUtility.HtmlEncode(axis)}</text>");
        var y = Top;
        foreach (var group in groups)
        {
            Put($"<text x=\"16\" y=\"{y + 14}\" font-weight=\"bold\">{WebUtility.HtmlEncode(group.Title)}</text>");
            y += GroupGap - BarGap;
            foreach (var bar in group.Bars)
            {
                Draw(bar, y, end);
                y += BarHeight + BarGap;
            }
            y += BarGap;
        }
        Put($"</svg>");
        return _svg.ToString();
    }

    private void Draw(ChartBar bar, int y, double end)
    {
        var (middle, x) = (y + BarHeight / 2, X(bar.Value, end));
        Put($"<text x=\"{LabelWidth - 8}\" y=\"{middle + 4}\" text-anchor=\"end\">{WebUtility.HtmlEncode(bar.Label)}</text>");
        Put($"<rect x=\"{LabelWidth}\" y=\"{y}\" width=\"{Math.Max(1, x - LabelWidth):0.#}\" height=\"{BarHeight}\" fill=\"{(bar.IsOurs ? "#1f6feb" : "#b0b7c3")}\"/>");
        Put($"<line x1=\"{X(bar.Low, end)}\" y1=\"{middle}\" x2=\"{X(bar.High, end)}\" y2=\"{middle}\" stroke=\"#222\" stroke-width=\"1.5\"/>");
        Put($"<text x=\"{X(bar.High, end) + 6:0.#}\" y=\"{middle + 4}\">{Short(bar.Value)}</text>");
    }

    private static double X(double value, double end) => Math.Round(LabelWidth + value / end * PlotWidth, 1);

    private static double StepFor(double most)
    {
        if (most <= 0) return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return most / power <= 2 ? power / 2 : most / power <= 5 ? power : power * 2;
    }

    private static string Short(double value)
    {
        var (scaled, suffix) = value >= 1e6 ? (value / 1e6, " M") : value >= 1e4 ? (value / 1e3, " k") : (value, "");
        return scaled.ToString(scaled is >= 100 or 0 ? "0" : "0.##", CultureInfo.InvariantCulture) + suffix;
    }

    private void Put(FormattableString line) => _svg.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}
