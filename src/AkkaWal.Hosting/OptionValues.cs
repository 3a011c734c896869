using System.Globalization;
using Akka.Configuration;
using AkkaWal.Configuration.Hocon;

namespace AkkaWal.Hosting;

/// <summary>
/// The options that are set, as keys and values of HOCON, so that options and configuration files have the same meaning
/// and checks. A null sets nothing.
/// </summary>
internal sealed class OptionValues
{
    private const string Off = "off";

    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Sets a number.</summary>
    internal T? SetNumber<T>(string key, T? value) where T : struct, IFormattable => Set(key, value, Text(value));

    /// <summary>Sets a number; 0 means off.</summary>
    internal T? SetNumberOrOff<T>(string key, T? value) where T : struct, IFormattable =>
        Set(key, value, value is { } number && number.Equals(default(T)) ? Off : Text(value));

    /// <summary>Sets a duration.</summary>
    internal TimeSpan? SetDuration(string key, TimeSpan? value) => Set(key, value, Text(value));

    /// <summary>Sets a duration; zero means off.</summary>
    internal TimeSpan? SetDurationOrOff(string key, TimeSpan? value) =>
        Set(key, value, value == TimeSpan.Zero ? Off : Text(value));

    /// <summary>Sets one of several words.</summary>
    internal T? SetChoice<T>(string key, T? value, (string Word, T Meaning)[] choices) where T : struct, Enum
    {
        var known = choices.Where(choice => choice.Meaning.Equals(value)).Select(choice => choice.Word);
        return Set(key, value, known.FirstOrDefault() ?? value?.ToString());
    }

    /// <summary>Sets a text: a name, or the path of a directory.</summary>
    internal string? SetText(string key, string? value)
    {
        Set(key, value);
        return value;
    }

    /// <summary>All values, in a section.</summary>
    internal Config ToConfig(string section)
    {
        var lines = _values.Select(pair => $"{pair.Key} = {HoconPath.Quote(pair.Value)}");
        return ConfigurationFactory.ParseString($"{section} {{\n{string.Join('\n', lines)}\n}}");
    }

    private static string? Text<T>(T? value) where T : struct, IFormattable =>
        value?.ToString(null, CultureInfo.InvariantCulture);

    private static string? Text(TimeSpan? value) =>
        value is { } time ? $"{time.TotalMilliseconds.ToString("R", CultureInfo.InvariantCulture)} ms" : null;

    private T? Set<T>(string key, T? value, string? text) where T : struct
    {
        Set(key, text);
        return value;
    }

    private void Set(string key, string? text)
    {
        if (text is null)
        {
            _values.Remove(key);
            return;
        }
        WalSettings.CheckValue(key, text);
        _values[key] = text;
    }
}
