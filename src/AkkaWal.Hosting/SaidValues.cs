using System.Globalization;
using Akka.Configuration;
using AkkaWal.Configuration.Hocon;

namespace AkkaWal.Hosting;

/// <summary>
/// The options that are set, as keys and values of HOCON, so that options and configuration files have the same meaning
/// and checks. A null sets nothing.
/// </summary>
internal sealed class SaidValues
{
    private const string Off = "off";

    private readonly SortedDictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>A number.</summary>
    internal T? Number<T>(string key, T? value) where T : struct, IFormattable => Say(key, value, Text(value));

    /// <summary>A number; 0 means off.</summary>
    internal T? NumberOrOff<T>(string key, T? value) where T : struct, IFormattable =>
        Say(key, value, value is { } number && number.Equals(default(T)) ? Off : Text(value));

    /// <summary>A duration.</summary>
    internal TimeSpan? Duration(string key, TimeSpan? value) => Say(key, value, Text(value));

    /// <summary>A duration; zero means off.</summary>
    internal TimeSpan? DurationOrOff(string key, TimeSpan? value) =>
        Say(key, value, value == TimeSpan.Zero ? Off : Text(value));

    /// <summary>One of several words.</summary>
    internal T? Choice<T>(string key, T? value, (string Word, T Meaning)[] choices) where T : struct, Enum
    {
        var known = choices.Where(choice => choice.Meaning.Equals(value)).Select(choice => choice.Word);
        return Say(key, value, known.FirstOrDefault() ?? value?.ToString());
    }

    /// <summary>A text: a name, or the path of a directory.</summary>
    internal string? Text(string key, string? value)
    {
        Say(key, value);
        return value;
    }

    /// <summary>All values, in a section.</summary>
    internal Config In(string section)
    {
        var lines = _texts.Select(said => $"{said.Key} = {HoconPath.Quote(said.Value)}");
        return ConfigurationFactory.ParseString($"{section} {{\n{string.Join('\n', lines)}\n}}");
    }

    private static string? Text<T>(T? value) where T : struct, IFormattable =>
        value?.ToString(null, CultureInfo.InvariantCulture);

    private static string? Text(TimeSpan? value) =>
        value is { } time ? $"{time.TotalMilliseconds.ToString("R", CultureInfo.InvariantCulture)} ms" : null;

    private T? Say<T>(string key, T? value, string? text) where T : struct
    {
        Say(key, text);
        return value;
    }

    private void Say(string key, string? text)
    {
        if (text is null)
        {
            _texts.Remove(key);
            return;
        }
        WalSettings.CheckValue(key, text);
        _texts[key] = text;
    }
}
