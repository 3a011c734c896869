using System.Text;
using Akka.Configuration;
using AkkaWal.Configuration;
using AkkaWal.Configuration.Hocon;
using AkkaWal.Node.Bridge;
using AkkaWal.Node.Kafka.Keys;
using AkkaWal.Node.Kafka;
using AkkaWal.Node.Translation;
using AkkaWal.Storage;

namespace AkkaWal.Node.Startup;

/// <summary>The node's configuration: its layers, and the part of it that is about standard input and output.</summary>
/// <param name="Config">All layers.</param>
/// <param name="Wal">What the logs are made from.</param>
/// <param name="Node">The section <c>akka-wal.node</c>.</param>
/// <param name="Remarks">What is legal in the given file and may be a mistake, a line each.</param>
internal sealed record NodeConfig(Config Config, WalSettings Wal, NodeSettings Node, IReadOnlyList<string> Remarks)
{
    private const string AkkaSection = "akka", WalSection = "akka-wal", NodeSection = "akka-wal.node";

    /// <summary>A byte of input counts at most so many bytes as pending: an append's line is more than half of what it
    /// counts, a batch's empty payload takes three bytes and counts eight.</summary>
    private const int PendingPerInput = 3;

    /// <summary>Lays the command line over the given file over node.conf over reference.conf, and reads it.</summary>
    /// <exception cref="WalConfigException">The file can't be read or is no HOCON, a key is not known, or a value is
    /// not legal; the message names the place in the file.</exception>
    public static NodeConfig Read(NodeArguments commandLine)
    {
        var file = commandLine.ConfigFile is { } path ? HoconFile.Load(path) : null;
        try
        {
            return Read(commandLine, file);
        }
        catch (WalConfigException e) when (file is not null)
        {
            string? place = e.Key is null ? null : file.PlaceOf(e.Key);
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

        string said = Overlay(commandLine, config);
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

    // A section of another name would be passed over as a whole, with all that is in it.
    private static void CheckSections(HoconFile file)
    {
        foreach (string name in file.Config.Root.GetObject().Items.Keys)
        {
            if (name is AkkaSection or WalSection) continue;
            if (NearNames.Find(name, [AkkaSection, WalSection]) is { } near)
                throw new WalConfigException(HoconPath.Join("", name), $"is not known; did you mean {near}?");
        }
    }

    // Extensions bring keys of their own into Akka.NET's sections: one that is not known there can't be refused.
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
