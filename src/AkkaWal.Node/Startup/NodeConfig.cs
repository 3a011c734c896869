using System.Text;
using Akka.Configuration;
using AkkaWal.Configuration;
using AkkaWal.Configuration.Hocon;
using AkkaWal.Node.Bridge.Setup;
using AkkaWal.Node.Kafka;
using AkkaWal.Node.Kafka.Keys;
using AkkaWal.Node.Translation;
using AkkaWal.Storage;

namespace AkkaWal.Node.Startup;

/// <summary>The node's configuration: all its layers, and the settings that are read from it.</summary>
/// <param name="Config">All layers.</param>
/// <param name="Wal">The settings of the logs.</param>
/// <param name="Node">The section <c>akka-wal.node</c>.</param>
/// <param name="Remarks">
/// Warnings about the given file, one on each line: keys that are legal and may be mistakes.
/// </param>
internal sealed record NodeConfig(Config Config, WalSettings Wal, NodeSettings Node, IReadOnlyList<string> Remarks)
{
    private const string AkkaSection = "akka", WalSection = "akka-wal", NodeSection = "akka-wal.node";

    /// <summary>
    /// The most pending bytes for each byte of input. An append's line is more than half of its pending bytes. An empty
    /// payload in a batch takes three bytes and counts eight.
    /// </summary>
    private const int PendingPerInput = 3;

    /// <summary>
    /// Reads the configuration: the command line overrides the given file, which overrides node.conf, which overrides
    /// reference.conf.
    /// </summary>
    /// <exception cref="WalConfigException">
    /// The file can't be read or is not HOCON, a key is unknown, or a value is not legal. The message has the place in
    /// the file.
    /// </exception>
    public static NodeConfig Read(NodeArguments commandLine)
    {
        var file = commandLine.ConfigFile is { } path ? HoconFile.Load(path) : null;
        try
        {
            return Read(commandLine, file);
        }
        catch (WalConfigException e) when (file is not null)
        {
            var place = e.Key is null ? null : file.PlaceOf(e.Key);
            throw new WalConfigException($"{place ?? commandLine.ConfigFile}: {e.Message}", e);
        }
    }

    private static NodeConfig Read(NodeArguments commandLine, HoconFile? file)
    {
        var own = ConfigurationFactory.FromResource("AkkaWal.Node.node.conf", typeof(NodeConfig).Assembly);
        var config = own.WithFallback(WalSettings.ReferenceConfig);
        if (file is not null)
        {
            CheckSections(file);
            config = file.Config.WithFallback(config);
        }

        var said = Overlay(commandLine, config);
        if (said.Length > 0) config = ConfigurationFactory.ParseString(said).WithFallback(config);

        var wal = WalSettings.FromConfig(config);
        ConfigKeys.Check(config, own, NodeSection);
        var node = Settings(new ConfigSection(config, NodeSection), wal);
        return new NodeConfig(config, wal, node, file is null ? [] : Suspects(file));
    }

    private static NodeSettings Settings(ConfigSection node, WalSettings wal)
    {
        var settings = Values(node, wal);
        var limits = new TranslationLimits(wal.Options.MaxPayloadBytes) { ReadShareBytes = settings.ReadShareBytes };
        return settings with { Limits = limits };
    }

    private static NodeSettings Values(ConfigSection node, WalSettings wal) => new()
    {
        MaxLineBytes = (int)node.Size("max-line-bytes", 1024, 1 << 30),
        WindowRequests = node.Count("window-requests", 1, 1 << 20),
        WindowBytes = Math.Min(
            node.Size("window-bytes", 1, long.MaxValue), Math.Max(1, wal.MaxPendingBytes / PendingPerInput)),
        WindowReads = node.Count("window-reads", 1, 1 << 20),
        WindowReadBytes = node.Size("window-read-bytes", 1, long.MaxValue),
        OutputBytes = (int)node.Size("output-bytes", 1, 1 << 30),
        RequestTimeout = node.Wait("request-timeout"),
        MaintenanceTimeout = node.Wait("maintenance-timeout"),
        FinalSyncTimeout = node.Wait("final-sync-timeout"),
        ShutdownTimeout = node.Wait("shutdown-timeout"),
        Kafka = new KafkaSettings
        {
            MaxOpenLogs = node.CountOr("auto", "kafka.max-open-logs", 1, 1 << 16)
                ?? OpenLogLimit.Automatic(WalFileSystem.DescriptorLimit, wal.MaxOpenSegments),
            MaxPollMessages = node.Count("kafka.max-poll-messages", 1, 1 << 20),
            MaxPollBytes = (int)node.Size("kafka.max-poll-bytes", 1, 1 << 30),
            MaxCommittedBytes = node.Size("kafka.max-committed-bytes", 1, long.MaxValue),
        },
    };

    // Akka.NET would ignore an unknown section with all its keys.
    private static void CheckSections(HoconFile file)
    {
        foreach (var name in file.Config.Root.GetObject().Items.Keys)
        {
            if (name is AkkaSection or WalSection) continue;
            if (NearNames.Find(name, [AkkaSection, WalSection]) is { } near)
                throw new WalConfigException(HoconPath.Join("", name), $"is not known; did you mean {near}?");
        }
    }

    // Extensions add their own keys to Akka.NET's sections, so unknown keys there can't be refused.
    private static List<string> Suspects(HoconFile file)
    {
        var suspects = ConfigKeys.Suspects(file.Config, ConfigurationFactory.Default(), AkkaSection);
        return [.. suspects.Select(one =>
            $"{file.PlaceOf(one.Key)}: {one.Key} is no key of Akka.NET's own; did you mean {one.Meant}?")];
    }

    private static string Overlay(NodeArguments commandLine, Config config)
    {
        var text = new StringBuilder();
        void Say(string key, string value) =>
            text.Append(key).Append(" = ").Append(HoconPath.Quote(value)).Append('\n');
        if (commandLine.DataDirectory is { } directory) Say("akka-wal.directory", Path.GetFullPath(directory));
        if (commandLine.Flush is { } flush) Say("akka-wal.flush", flush);
        if (commandLine.MaxSegmentBytes is { } bytes) Say("akka-wal.max-segment-bytes", $"{bytes}");
        const string Level = "akka.stdout-loglevel";
        if (!config.HasPath(Level)) Say(Level, config.GetString("akka.loglevel") ?? "");
        return text.ToString();
    }
}
