using Akka.Configuration;
using Akka.Configuration.Hocon;
using AkkaWal.Node.Bridge.Setup;
using AkkaWal.Node.Kafka;
using AkkaWal.Node.Kafka.Keys;
using AkkaWal.Node.Startup;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.Startup;

public sealed class NodeConfigSpec : IDisposable
{
    // Each key of the section akka-wal.node, with a value that is not its default, and what arrives in which setting.
    private static readonly Dictionary<string, (string Value, object Expected, Func<NodeSettings, object> Setting)>
        Others = new()
        {
            ["max-line-bytes"] = ("5 KiB", 5 << 10, node => node.MaxLineBytes),
            ["window-requests"] = ("11", 11, node => node.WindowRequests),
            ["window-bytes"] = ("3 KiB", 3L << 10, node => node.WindowBytes),
            ["window-reads"] = ("12", 12, node => node.WindowReads),
            ["window-read-bytes"] = ("6 KiB", 6L << 10, node => node.WindowReadBytes),
            ["output-bytes"] = ("7 KiB", 7 << 10, node => node.OutputBytes),
            ["request-timeout"] = ("21 s", TimeSpan.FromSeconds(21), node => node.RequestTimeout),
            ["maintenance-timeout"] = ("22 s", TimeSpan.FromSeconds(22), node => node.MaintenanceTimeout),
            ["final-sync-timeout"] = ("23 s", TimeSpan.FromSeconds(23), node => node.FinalSyncTimeout),
            ["shutdown-timeout"] = ("24 s", TimeSpan.FromSeconds(24), node => node.ShutdownTimeout),
            ["kafka.max-open-logs"] = ("13", 13, node => node.Kafka.MaxOpenLogs),
            ["kafka.max-poll-messages"] = ("14", 14, node => node.Kafka.MaxPollMessages),
            ["kafka.max-poll-bytes"] = ("8 KiB", 8 << 10, node => node.Kafka.MaxPollBytes),
            ["kafka.max-committed-bytes"] = ("9 KiB", 9L << 10, node => node.Kafka.MaxCommittedBytes),
        };

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    private NodeConfig Read(string text)
    {
        File.WriteAllText(_file, text);
        return NodeConfig.Read(new NodeArguments { ConfigFile = _file });
    }

    private string Problem(string text) => Assert.Throws<WalConfigException>(() => Read(text)).Message;

    [Fact]
    public void Defaults_in_node_conf_should_be_those_of_the_code()
    {
        var config = NodeConfig.Read(new NodeArguments());
        var openLogs = OpenLogLimit.Automatic(WalFileSystem.DescriptorLimit, config.Wal.MaxOpenSegments);
        Assert.Equal(new NodeSettings { Kafka = new KafkaSettings { MaxOpenLogs = openLogs } }, config.Node);
        Assert.Equal("", config.Wal.Directory);
        Assert.Empty(config.Remarks);
    }

    [Fact]
    public void Every_key_of_node_conf_should_arrive_in_its_setting()
    {
        var section = ConfigurationFactory.FromResource("AkkaWal.Node.node.conf", typeof(NodeConfig).Assembly)
            .GetConfig("akka-wal.node");
        Assert.Equal(KeysOf(section.Root, ""), Others.Keys);

        var defaults = NodeConfig.Read(new NodeArguments()).Node;
        var node = Read(string.Join('\n', Others.Select(key => $"akka-wal.node.{key.Key} = {key.Value.Value}"))).Node;
        Assert.All(Others.Values, other =>
        {
            Assert.Equal(other.Expected, other.Setting(node));
            Assert.NotEqual(other.Expected, other.Setting(defaults));
        });
    }

    private static IEnumerable<string> KeysOf(HoconValue value, string prefix) =>
        value.GetObject().Items.SelectMany(item => item.Value.IsObject()
            ? KeysOf(item.Value, $"{prefix}{item.Key}.")
            : [$"{prefix}{item.Key}"]);

    [Fact]
    public void Layers_should_go_over_one_another()
    {
        File.WriteAllText(_file, "akka-wal { flush = interval, max-segment-bytes = 5, node.window-requests = 7 }");
        var said = new NodeArguments { ConfigFile = _file, MaxSegmentBytes = 6, DataDirectory = "a \"b\\c" };
        var config = NodeConfig.Read(said);
        Assert.Equal(FlushPolicy.Interval, config.Wal.Options.Flush);
        Assert.Equal(6, config.Wal.Options.MaxSegmentBytes);
        Assert.Equal(Path.GetFullPath("a \"b\\c"), config.Wal.Directory);
        Assert.Equal(7, config.Node.WindowRequests);
        Assert.Equal(16 << 20, config.Node.MaxLineBytes);
    }

    [Fact]
    public void Window_should_stay_below_what_the_log_lets_pend() =>
        Assert.Equal(333, Read("akka-wal.max-pending-bytes = 1000").Node.WindowBytes);

    [Theory]
    [InlineData("akka.loglevel = DEBUG", "DEBUG")]
    [InlineData("akka { loglevel = DEBUG, stdout-loglevel = OFF }", "OFF")]
    [InlineData("", "WARNING")]
    public void Level_of_the_lines_on_standard_error_should_be_akkas_unless_it_is_given(string text, string expected) =>
        Assert.Equal(expected, Read(text).Config.GetString("akka.stdout-loglevel"));

    [Theory]
    [InlineData("akka-wal.node.window-requests = 0",
        "1:1: akka-wal.node.window-requests must be a number from 1 to 1048576, not '0'")]
    [InlineData("akka-wal.node.max-line-bytes = 12", "1:1: akka-wal.node.max-line-bytes must be a size from 1024 to")]
    [InlineData("akka-wal.node.max-line-bytes = 2 GiB", "1:1: akka-wal.node.max-line-bytes must be")]
    [InlineData("akka-wal.node {\n  request-timeout = 0 s\n}", "2:3: akka-wal.node.request-timeout must be a duration")]
    [InlineData("akka-wal.node.maintenance-timeout = 5 parsec",
        "1:1: akka-wal.node.maintenance-timeout must be a duration")]
    [InlineData("akka-wal.node.shutdown-timeout = 30 days", "1:1: akka-wal.node.shutdown-timeout must be a duration")]
    [InlineData("# x\n  akka-wal.flush = maybe",
        "2:3: akka-wal.flush must be always, interval or os-cache, not 'maybe'")]
    [InlineData("akka-wal.flush = maybe\nakka-wal.flush = no",
        "2:1: akka-wal.flush must be always, interval or os-cache, not 'no'")]
    [InlineData("akka-wal.node.kafka.max-open-logs = many",
        "1:1: akka-wal.node.kafka.max-open-logs must be a number from 1 to 65536, or auto, not 'many'")]
    public void Value_that_is_not_legal_should_be_named_with_its_place(string text, string expected) =>
        Assert.StartsWith($"{_file}:{expected}", Problem(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("akka-wal {\n  max-segment-byte = 5\n}",
        "2:3: akka-wal.max-segment-byte is not known; did you mean akka-wal.max-segment-bytes?")]
    [InlineData("akka-wal.node.windw-reads = 5",
        "1:1: akka-wal.node.windw-reads is not known; did you mean akka-wal.node.window-reads?")]
    [InlineData("akka-wal.node { kafka.max-logs = 5 }",
        "1:17: akka-wal.node.kafka.max-logs is not known; akka-wal.node.kafka has max-")]
    [InlineData("akka-wal.node.max-open-logs = 5",
        "1:1: akka-wal.node.max-open-logs is not known; did you mean akka-wal.node.kafka.max-open-logs?")]
    [InlineData("akka-wal.node.kafka = off", "1:1: akka-wal.node.kafka is a section and takes no value")]
    [InlineData("akka-wall { flush = always }", "1:1: akka-wall is not known; did you mean akka-wal?")]
    [InlineData("AkkaWal.flush = always", "1:1: AkkaWal is not known; did you mean akka-wal?")]
    public void Key_that_is_not_known_should_be_named_with_its_place(string text, string expected) =>
        Assert.StartsWith($"{_file}:{expected}", Problem(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("akka-wal { flush = always", "1:10: this '{' of akka-wal is never closed")]
    [InlineData("akka-wal.flush = ${nothing}", "1:18: ${nothing} names no key")]
    public void Text_that_is_no_hocon_should_be_refused_with_the_place(string text, string expected) =>
        Assert.StartsWith($"{_file}:{expected}", Problem(text), StringComparison.Ordinal);

    [Fact]
    public void Value_from_a_substitution_should_be_checked_too() => Assert.Equal(
        $"{_file}:2:1: akka-wal.flush must be always, interval or os-cache, not 'maybe'",
        Problem("policy = maybe\nakka-wal.flush = ${policy}"));

    [Fact]
    public void Keys_of_akka_should_be_let_be_and_remarked_where_they_are_nearly_one()
    {
        const string Text = """
            akka.loglevl = DEBUG
            akka.actor { ask-timeot = 5 s, my-own-dispatcher.type = Dispatcher }
            akka.persistence.journal.plugin = "x"
            something.else = 1
            """;
        const string Reason = "is no key of Akka.NET's own; did you mean";
        Assert.Equal(
            [
                $"{_file}:1:1: akka.loglevl {Reason} akka.loglevel?",
                $"{_file}:2:14: akka.actor.ask-timeot {Reason} akka.actor.ask-timeout?",
            ],
            Read(Text).Remarks);
    }

    [Fact]
    public void File_that_is_not_there_should_be_named()
    {
        var said = new NodeArguments { ConfigFile = "/nowhere/x.conf" };
        var problem = Assert.Throws<WalConfigException>(() => NodeConfig.Read(said));
        Assert.StartsWith("/nowhere/x.conf: ", problem.Message, StringComparison.Ordinal);
    }
}
