using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace AkkaWal.Node.Tests.Documents;

/// <summary>How a character looks.</summary>
/// <param name="Color">The number of its colour, 0 to 15; null for the terminal's own.</param>
/// <param name="IsBold">Whether it is bold.</param>
internal readonly record struct TerminalStyle(int? Color, bool IsBold);

/// <summary>
/// What a terminal shows after a text with control sequences: the few that the program's bars, tables and colours use.
/// </summary>
internal sealed partial class TerminalScreen
{
    private readonly List<List<(Rune Letter, TerminalStyle Style)>> _rows = [[]];
    private TerminalStyle _style;
    private int _row, _column;

    /// <summary>The rows that are not empty at the end, each with its characters.</summary>
    public IReadOnlyList<IReadOnlyList<(Rune Letter, TerminalStyle Style)>> Rows =>
        [.. _rows.Take(_rows.FindLastIndex(row => row.Count > 0) + 1)];

    /// <summary>Takes text.</summary>
    /// <exception cref="NotSupportedException">There is a control sequence in it that is not known here.</exception>
    public void Write(string text)
    {
        foreach (Match part in Part().Matches(text))
        {
            if (part.Groups["command"] is { Success: true } command)
                Control(command.Value, part.Groups["arguments"].Value);
            else if (part.Value == "\n") (_row, _column) = (_row + 1, 0);
            else if (part.Value == "\r") _column = 0;
            else
                foreach (var letter in part.Value.EnumerateRunes()) Put(letter);
        }
    }

    private void Put(Rune letter)
    {
        while (_rows.Count <= _row) _rows.Add([]);
        var row = _rows[_row];
        while (row.Count <= _column) row.Add((new Rune(' '), default));
        row[_column++] = (letter, _style);
    }

    private void Control(string command, string arguments)
    {
        switch (command)
        {
            case "m":
                foreach (var code in arguments.Split(';')) Style(Number(code, 0));
                break;
            case "A":
                _row = Math.Max(0, _row - Number(arguments, 1));
                break;
            case "K" when _row < _rows.Count:
                _rows[_row].Clear();
                break;
            case "K" or "h" or "l":
                break;
            default:
                throw new NotSupportedException($"control sequence {arguments}{command}");
        }
    }

    private void Style(int code) => _style = code switch
    {
        0 => default,
        1 => _style with { IsBold = true },
        >= 30 and <= 37 => _style with { Color = code - 30 },
        39 => _style with { Color = null },
        >= 90 and <= 97 => _style with { Color = code - 90 + 8 },
        _ => throw new NotSupportedException($"style {code}"),
    };

    private static int Number(string digits, int usual) =>
        digits.Length == 0 ? usual : int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\e\[\??(?<arguments>[\d;]*)(?<command>[A-Za-z])|\n|\r|[^\e\n\r]+")]
    private static partial Regex Part();
}
