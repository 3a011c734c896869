using System.Globalization;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using AkkaWal.Configuration.Hocon;
using AkkaWal.Storage;

namespace AkkaWal.Configuration;

/// <summary>
/// Reads the values of a section whose keys were checked. It refuses values of the wrong kind or out of range.
/// Akka.NET's own readers report no key, overflow if a size is too large, and return zero for a missing value.
/// </summary>
/// <param name="config">The whole configuration, with the reference configuration as fallback.</param>
/// <param name="section">The section's whole key.</param>
/// <param name="fallback">The whole key of the section with the values that this one lacks; null if it has all.</param>
internal sealed class ConfigSection(Config config, string section, string? fallback = null)
{
    /// <summary>The longest waiting time, since the runtime's timers take no more than 24.8 days.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromDays(24);

    /// <summary>Whether the section itself has a value for the key.</summary>
    public bool Has(string key) => config.GetValue($"{section}.{key}") is not null;

    /// <summary>The whole key of the value in force: in this section or in the fallback.</summary>
    public string WholeKey(string key) => fallback is null || Has(key) ? $"{section}.{key}" : $"{fallback}.{key}";

    /// <summary>A text, which may be empty.</summary>
    public string Text(string key)
    {
        var value = config.GetValue(WholeKey(key)) ?? throw Wrong(key, "is missing");
        var text = value.IsString() ? value.GetString() : null;
        return text ?? throw Wrong(key, "must be one value, in quotes perhaps");
    }

    /// <summary>A name without control characters, or "".</summary>
    public string Name(string key, int mostBytes)
    {
        var text = Text(key);
        var isLegal = Setting.IsName(text, mostBytes);
        return isLegal
            ? text
            : throw Wrong(key, $"must be at most {mostBytes} bytes in UTF-8 without control characters", text);
    }

    /// <summary>The absolute path of a directory, or "".</summary>
    public string Directory(string key)
    {
        var path = Text(key);
        var isLegal = path.Length == 0 || Path.IsPathFullyQualified(path);
        return isLegal ? path : throw Wrong(key, "must be an absolute path, or \"\"", path);
    }

    /// <summary>The meaning of one of several words.</summary>
    public T Choice<T>(string key, params (string Word, T Meaning)[] choices)
    {
        var text = Text(key);
        foreach (var (word, meaning) in choices)
            if (word == text) return meaning;
        var words = string.Join(", ", choices.SkipLast(1).Select(choice => choice.Word)) + " or " + choices[^1].Word;
        throw Wrong(key, $"must be {words}", text);
    }

    /// <summary>A number without a unit.</summary>
    public int Count(string key, int least, int most) => Count(key, least, most, "");

    /// <summary>A value as above; null if it is a certain word instead.</summary>
    public int? CountOr(string word, string key, int least, int most) =>
        Text(key) == word ? null : Count(key, least, most, Or(word));

    /// <summary>A number of bytes, with or without a unit.</summary>
    public long Size(string key, long least, long most) => Size(key, least, most, "");

    /// <summary>A value as above; null if it is a certain word instead.</summary>
    public long? SizeOr(string word, string key, long least, long most) =>
        Text(key) == word ? null : Size(key, least, most, Or(word));

    /// <summary>A waiting time, longer than zero.</summary>
    public TimeSpan Wait(string key) => Duration(key, LongestWait, $" and {LongestWait.TotalDays} days at most");

    /// <summary>A time longer than zero; null if it is a certain word instead.</summary>
    public TimeSpan? DurationOr(string word, string key) =>
        Text(key) == word ? null : Duration(key, TimeSpan.MaxValue, Or(word));

    private static string Or(string word) => $", or {word}";

    private int Count(string key, int least, int most, string also)
    {
        var text = Text(key);
        var isNumber = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        return isNumber && number >= least && number <= most
            ? number
            : throw Wrong(key, $"must be a number from {least} to {most}{also}", text);
    }

    private long Size(string key, long least, long most, string also)
    {
        var text = Text(key);
        return TryParseSize(text, out var size) && size >= least && size <= most
            ? size
            : throw Wrong(key, $"must be a size from {least} to {most} bytes, such as 64 MiB{also}", text);
    }

    private TimeSpan Duration(string key, TimeSpan most, string also)
    {
        var text = Text(key);
        return TryParseDuration(key, out var duration) && duration > TimeSpan.Zero && duration <= most
            ? duration
            : throw Wrong(key, $"must be a duration longer than zero, such as 200 ms{also}", text);
    }

    private static bool TryParseSize(string text, out long size)
    {
        size = 0;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits < 0) digits = text.Length;
        var number = text.AsSpan(0, digits);
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return false;

        // Akka.NET's table has the factor of each unit, but its own multiplication can overflow.
        var unit = text[digits..].Trim();
        long? factor = 1;
        try
        {
            if (unit.Length > 0) factor = Literal($"1 {unit}").GetByteSize();
            size = checked(count * (factor ?? 0));
            return factor > 0;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return false;
        }
    }

    private bool TryParseDuration(string key, out TimeSpan duration)
    {
        duration = default;
        try
        {
            duration = config.GetTimeSpan(WholeKey(key), null, allowInfinite: false);
            return true;
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            return false;
        }
    }

    private static HoconValue Literal(string text)
    {
        var value = new HoconValue();
        value.AppendValue(new HoconLiteral { Value = text });
        return value;
    }

    private WalConfigException Wrong(string key, string reason, string? text = null) =>
        new(WholeKey(key), text is null ? reason : $"{reason}, not '{TextExcerpt.Of(text)}'");
}
