using AkkaWal.Configuration;
using AkkaWal.Configuration.Hocon;
using AkkaWal.Storage;

namespace AkkaWal.Node.Startup;

/// <summary>
/// The values of the command line and the environment. A value that neither has is null; then the configuration
/// decides.
/// </summary>
internal sealed record NodeArguments
{
    private static readonly string[] Flags = ["--data-dir", "--flush", "--max-segment-bytes", "--config"];

    /// <summary>The parent of the node's own folder.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The flush policy's name.</summary>
    public string? Flush { get; init; }

    /// <summary>The segment size limit.</summary>
    public long? MaxSegmentBytes { get; init; }

    /// <summary>A HOCON file that overrides the node's own.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Whether to print the help and end.</summary>
    public bool WantsHelp { get; init; }

    /// <summary>Whether to print the version and end.</summary>
    public bool WantsVersion { get; init; }

    /// <summary>What is wrong with the command line; null if nothing is.</summary>
    public string? Problem { get; init; }

    /// <summary>
    /// Reads the arguments, and the environment for values that the arguments lack. An empty variable counts as
    /// missing.
    /// </summary>
    public static NodeArguments Parse(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        var result = new NodeArguments();
        for (var index = 0; index < arguments.Count && result.Problem is null; index++)
        {
            var argument = arguments[index];
            if (argument is "--help" or "-h") return new NodeArguments { WantsHelp = true };
            if (argument is "--version") return new NodeArguments { WantsVersion = true };

            var isFlag = argument.StartsWith("--", StringComparison.Ordinal);
            var equals = isFlag ? argument.IndexOf('=', StringComparison.Ordinal) : -1;
            if (equals >= 0) result = result.With(argument[..equals], argument[(equals + 1)..]);
            else result = result.With(argument, ++index < arguments.Count ? arguments[index] : null);
        }

        return result.Problem is null ? result.WithEnvironment(environment) : result;
    }

    private NodeArguments With(string flag, string? value)
    {
        if (flag is "--help" or "--version") return this with { Problem = $"{flag} takes no value" };
        if (!Flags.Contains(flag))
        {
            var meant = NearNames.Find(flag, Flags) is { } near ? $", but {near}" : "";
            return this with { Problem = $"there is no flag {TextExcerpt.Of(flag)}{meant}" };
        }

        if (string.IsNullOrEmpty(value)) return this with { Problem = $"{flag} wants a value" };
        return flag switch
        {
            "--data-dir" => this with { DataDirectory = value },
            "--flush" => WithFlush(value, flag),
            "--config" => this with { ConfigFile = value },
            _ => long.TryParse(value, out var bytes) && bytes is >= 1 and <= WalOptions.LargestSegmentBytes
                ? this with { MaxSegmentBytes = bytes }
                : Wrong(flag, $"a number of bytes from 1 to {WalOptions.LargestSegmentBytes}", value),
        };
    }

    private NodeArguments WithEnvironment(Func<string, string?> environment)
    {
        var result = this;
        if (DataDirectory is null && environment("AKKAWAL_DATA_DIR") is { Length: > 0 } directory)
            result = result with { DataDirectory = directory };
        if (Flush is null && environment("AKKAWAL_FLUSH") is { Length: > 0 } flush)
            result = result.WithFlush(flush, "AKKAWAL_FLUSH");
        return result;
    }

    private NodeArguments WithFlush(string value, string said) => value is "always" or "interval" or "os-cache"
        ? this with { Flush = value }
        : Wrong(said, "always, interval or os-cache", value);

    private NodeArguments Wrong(string said, string allowed, string value) =>
        this with { Problem = $"{said} must be {allowed}, not '{TextExcerpt.Of(value)}'" };
}
