using System.Text;
using Akka.Configuration;
using AkkaWal.Node.Bridge;
using AkkaWal.Node.Kafka;
using AkkaWal.Node.Translation;

namespace AkkaWal.Node.Startup;

/// <summary>The node's configuration: its layers, and the part of it that is about standard input and output.</summary>
internal static class NodeConfig
{
    /// <summary>A byte of input counts at most so many bytes as pending: an append's line is more than half of what it counts, a batch's
    /// empty payload takes three bytes and counts eight.</summary>
    private const int PendingPerInput = 3;

    /// <summary>Lays the command line over the given file over node.conf over reference.conf.</summary>
    /// <exception cref="ArgumentException">The file can't be read, or is no HOCON.</exception>
    public static Config Load(CommandLine commandLine)
    {
        var config = ConfigurationFactory.FromResource("AkkaWal.Node.node.conf", typeof(NodeConfig).Assembly)
            .WithFallback(WalSettings.ReferenceConfig);
        if (commandLine.ConfigFile is { } file) config = ParseFile(file).WithFallback(config);
        string said = Overlay(commandLine);
        if (!config.HasPath("akka.stdout-loglevel")) said += $"akka.stdout-loglevel = {config.GetString("akka.loglevel")}\n";
        return said.Length == 0 ? config : ConfigurationFactory.ParseString(said).WithFallback(config);
    }

    /// <summary>Reads the section <c>akka-wal.node</c>.</summary>
    /// <exception cref="ArgumentException">A value is not legal; the message names its key.</exception>
    public static NodeSettings Settings(Config config, WalSettings wal)
    {
        var node = config.GetConfig("akka-wal.node");
        var settings = new NodeSettings
        {
            MaxLineBytes = (int)Size(node, "max-line-bytes", 1024, 1 << 30),
            WindowRequests = (int)Number(node, "window-requests", 1 << 20),
            WindowBytes = Math.Min(Size(node, "window-bytes", 1, long.MaxValue), Math.Max(1, wal.MaxPendingBytes / PendingPerInput)),
            WindowReads = (int)Number(node, "window-reads", 1 << 20),
            WindowReadBytes = Size(node, "window-read-bytes", 1, long.MaxValue),
            OutputBytes = (int)Size(node, "output-bytes", 1, 1 << 30),
            RequestTimeout = Time(node, "request-timeout"),
            MaintenanceTimeout = Time(node, "maintenance-timeout"),
            FinalSyncTimeout = Time(node, "final-sync-timeout"),
            ShutdownTimeout = Time(node, "shutdown-timeout"),
            Kafka = new KafkaSettings
            {
                MaxOpenLogs = OpenLogs(node, wal),
                MaxPollMessages = (int)Number(node, "kafka.max-poll-messages", 1 << 20),
                MaxPollBytes = (int)Size(node, "kafka.max-poll-bytes", 1, 1 << 30),
                MaxCommittedBytes = Size(node, "kafka.max-committed-bytes", 1, long.MaxValue),
            },
        };
        return settings with { Limits = new TranslationLimits(wal.Options.MaxPayloadBytes) { ReadShareBytes = settings.ReadShareBytes } };
    }

    private static int OpenLogs(Config node, WalSettings wal) => node.GetString("kafka.max-open-logs") == "auto"
        ? OpenLogLimit.Automatic(DescriptorLimit.Current, wal.MaxOpenSegments)
        : (int)Number(node, "kafka.max-open-logs", 1 << 16);

    private static Config ParseFile(string file)
    {
        try
        {
            using var reader = new StreamReader(file, Encoding.UTF8);
            return ConfigurationFactory.ParseString(reader.ReadToEnd());
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new ArgumentException($"--config {file}: {e.Message}", e);
        }
    }

    private static string Overlay(CommandLine commandLine)
    {
        var text = new StringBuilder();
        if (commandLine.DataDirectory is { } directory) text.Append("akka-wal.directory = ").Append(Quoted(Path.GetFullPath(directory))).Append('\n');
        if (commandLine.Flush is { } flush) text.Append("akka-wal.flush = ").Append(flush).Append('\n');
        if (commandLine.MaxSegmentBytes is { } bytes) text.Append("akka-wal.max-segment-bytes = ").Append(bytes).Append('\n');
        return text.ToString();
    }

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static long Size(Config node, string key, long least, long most) => Within(key, node.GetByteSize(key), least, most);

    private static long Number(Config node, string key, long most) => Within(key, node.GetLong(key), 1, most);

    private static long Within(string key, long? value, long least, long most) => value >= least && value <= most
        ? value.Value
        : throw new ArgumentException($"akka-wal.node.{key} must be from {least} to {most}, not {value}");

    private static TimeSpan Time(Config node, string key)
    {
        var value = node.GetTimeSpan(key, null, false);
        return value > TimeSpan.Zero ? value : throw new ArgumentException($"akka-wal.node.{key} must be longer than zero");
    }
}
