using System.Globalization;

namespace AkkaWal.Cluster.Example;

/// <summary>The options of a command, each with its value: <c>--port 4053 --root /tmp/logs</c>.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <exception cref="UsageException">An option is not known, or has no value.</exception>
    internal Arguments(IReadOnlyList<string> words, params string[] known)
    {
        for (var i = 0; i < words.Count; i += 2)
        {
            var name = words[i].StartsWith("--", StringComparison.Ordinal) ? words[i][2..] : "";
            if (!known.Contains(name))
                throw new UsageException($"'{words[i]}' is no option; there are --{string.Join(", --", known)}");
            if (i + 1 == words.Count) throw new UsageException($"--{name} lacks its value");
            _values[name] = words[i + 1];
        }
    }

    /// <summary>The value of an option that has no default.</summary>
    internal string Required(string name) =>
        Text(name) ?? throw new UsageException($"--{name} must be given");

    internal string? Text(string name) => _values.GetValueOrDefault(name);

    internal IReadOnlyList<string> List(string name) =>
        Text(name)?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];

    internal int Number(string name, int otherwise, int least, int most)
    {
        if (Text(name) is not { } text) return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most
                ? number : throw new UsageException($"--{name} is a number from {least} to {most}, not '{text}'");
    }

    internal T Choice<T>(string name, T otherwise) where T : struct, Enum
    {
        if (Text(name) is not { } text) return otherwise;
        return Enum.GetValues<T>().Where(one => one.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
            .Select(one => (T?)one).FirstOrDefault() ?? throw new UsageException(
                $"--{name} is one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}, not '{text}'");
    }
}

/// <summary>The command line is wrong. The message says what is wrong.</summary>
internal sealed class UsageException(string message) : Exception(message);
