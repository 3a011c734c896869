using System.Globalization;
using System.Net;
using System.Text;

namespace AkkaWal.Node.Tests.Documents;

/// <summary>
/// A terminal's screen as SVG: text in a font of one width, in the colours of a dark terminal. The same screen gives
/// the same bytes.
/// </summary>
internal static class TerminalPicture
{
    private const double LetterWidth = 8.4, RowHeight = 18, Margin = 14, Ascent = 13.5;

    // The usual 16, as a dark theme shows them.
    private static readonly string[] Colors =
    [
        "#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dee9",
        "#7f8898", "#ff7b86", "#b5e890", "#ffd68a", "#7fc1ff", "#e08cf5", "#6fd3de", "#ffffff",
    ];

    /// <summary>Draws a screen.</summary>
    public static string Draw(TerminalScreen screen, string title)
    {
        var rows = screen.Rows;
        var width = 2 * Margin + LetterWidth * rows.Max(row => row.Count);
        var height = 2 * Margin + RowHeight * rows.Count;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{width:0.#}" height="{height:0.#}" role="img">
            <title>{WebUtility.HtmlEncode(title)}</title>
            <rect width="100%" height="100%" rx="6" fill="#1e2127"/>
            <g font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="#d8dee9">

            """);
        for (var row = 0; row < rows.Count; row++)
            foreach (var (column, style, text) in RunsOf(rows[row])) Append(svg, row, column, style, text);
        return svg.Append("</g>\n</svg>\n").ToString();
    }

    // Each run has its place and its width, so that columns stand below each other in any font.
    private static void Append(StringBuilder svg, int row, int column, TerminalStyle style, string text)
    {
        var length = text.EnumerateRunes().Count();
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Margin + column * LetterWidth:0.#}\" ");
        svg.Append(CultureInfo.InvariantCulture, $"y=\"{Margin + row * RowHeight + Ascent:0.#}\" ");
        svg.Append(CultureInfo.InvariantCulture, $"textLength=\"{length * LetterWidth:0.#}\" xml:space=\"preserve\"");
        if (style.Color is { } color) svg.Append(CultureInfo.InvariantCulture, $" fill=\"{Colors[color]}\"");
        if (style.IsBold) svg.Append(" font-weight=\"bold\"");
        svg.Append('>').Append(WebUtility.HtmlEncode(text)).Append("</text>\n");
    }

    // Blanks between words of a row are left out: words have places.
    private static IEnumerable<(int Column, TerminalStyle Style, string Text)> RunsOf(
        IReadOnlyList<(Rune Letter, TerminalStyle Style)> row)
    {
        for (var at = 0; at < row.Count;)
        {
            var (start, style) = (at, row[at].Style);
            while (at < row.Count && row[at].Style == style && !IsGap(row, at)) at++;
            var text = string.Concat(row.Take(at).Skip(start).Select(one => one.Letter));
            if (text.Length == 0) at++;
            else if (!string.IsNullOrWhiteSpace(text)) yield return (start, style, text);
        }
    }

    private static bool IsGap(IReadOnlyList<(Rune Letter, TerminalStyle Style)> row, int at) =>
        row[at].Letter.Value == ' ' && (at + 1 == row.Count || at == 0 || row[at + 1].Letter.Value == ' '
            || row[at - 1].Letter.Value == ' ');
}
