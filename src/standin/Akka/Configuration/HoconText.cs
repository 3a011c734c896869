using System.Globalization;
using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>Durations, sizes, paths and quotes.</summary>
internal static class HoconText
{
    private const string SizeUnits = "KMGTPE";

    /// <summary>A number without a unit is milliseconds.</summary>
    public static TimeSpan ParseTimeSpan(string text, bool allowInfinite)
    {
        if (text is null)
            throw new FormatException("Expected a duration, found no text");
        if (allowInfinite && text.Equals("infinite", StringComparison.OrdinalIgnoreCase))
            return Timeout.InfiniteTimeSpan;
        var end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] is '.' or '-' or '+'))
            end++;
        var number = double.Parse(text.AsSpan(0, end), NumberFormatInfo.InvariantInfo);
        if (number < 0)
            throw new FormatException($"'{text}' is a negative duration");
        var ticks = text.AsSpan(end).Trim() switch
        {
            "ns" or "nano" or "nanos" or "nanosecond" or "nanoseconds" => TimeSpan.TicksPerMillisecond / 1e6,
            "micro" or "micros" or "microsecond" or "microseconds" => TimeSpan.TicksPerMicrosecond,
            "" or "ms" or "milli" or "millis" or "millisecond" or "milliseconds" => TimeSpan.TicksPerMillisecond,
            "s" or "second" or "seconds" => TimeSpan.TicksPerSecond,
            "m" or "minute" or "minutes" => TimeSpan.TicksPerMinute,
            "h" or "hour" or "hours" => TimeSpan.TicksPerHour,
            "d" or "day" or "days" => TimeSpan.TicksPerDay,
            _ => throw new FormatException($"'{text}' is not a duration"),
        };
        return TimeSpan.FromTicks((long)Math.Round(number * ticks));
    }

    /// <summary>k, K, Ki and KiB are 1024 bytes, kB is 1000, and so on. Null for no text.</summary>
    public static long? ParseByteSize(string text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var end = text.AsSpan().LastIndexOfAnyInRange('0', '9') + 1;
        var unit = text.AsSpan(end).Trim();
        return checked(FactorOf(unit) * long.Parse(text.AsSpan(0, end), NumberFormatInfo.InvariantInfo));
    }

    public static List<string> SplitPath(string path)
    {
        var keys = new List<string>();
        var key = new StringBuilder();
        var isQuoted = false;
        foreach (var c in path)
        {
            if (c == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (c == '.' && !isQuoted)
            {
                keys.Add(key.ToString());
                key.Clear();
            }
            else
            {
                key.Append(c);
            }
        }

        keys.Add(key.ToString());
        return keys;
    }

    public static string Quoted(string text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '/'))
                return "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
        }

        return text.Length == 0 ? "\"\"" : text;
    }

    private static long FactorOf(ReadOnlySpan<char> unit)
    {
        if (unit is "" or "b" or "B" or "byte" or "bytes")
            return 1;
        var power = SizeUnits.IndexOf(char.ToUpperInvariant(unit[0])) + 1;
        var isBinary = unit.Length == 1 || (char.IsUpper(unit[0]) && unit[1..] is "i" or "iB");
        var isDecimal = unit[1..] is "B" && unit[0] is not ('K' or 'm' or 'g' or 't' or 'p' or 'e');
        if (power == 0 || !(isBinary || isDecimal))
            throw new FormatException($"'{unit}' is no unit of size");
        var factor = 1L;
        for (; power > 0; power--)
            factor *= isBinary ? 1024 : 1000;
        return factor;
    }
}
