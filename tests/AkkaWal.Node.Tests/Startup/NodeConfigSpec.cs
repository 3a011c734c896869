using AkkaWal.Node.Bridge;
using AkkaWal.Node.Kafka;
using AkkaWal.Node.Startup;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.Startup;

public sealed class NodeConfigSpec : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    private static (WalSettings Wal, NodeSettings Node) Load(CommandLine commandLine)
    {
        var config = NodeConfig.Load(commandLine);
        var wal = WalSettings.FromConfig(config);
        return (wal, NodeConfig.Settings(config, wal));
    }

    [Fact]
    public void Defaults_in_node_conf_should_be_those_of_the_code()
    {
        var (wal, node) = Load(new CommandLine());
        int openLogs = OpenLogLimit.Automatic(DescriptorLimit.Current, wal.MaxOpenSegments);
        Assert.Equal(new NodeSettings { Kafka = new KafkaSettings { MaxOpenLogs = openLogs } }, node);
        Assert.Equal("", wal.Directory);
    }

    [Fact]
    public void Layers_should_go_over_one_another()
    {
        File.WriteAllText(_file, "akka-wal { flush = interval, max-segment-bytes = 5, node.window-requests = 7 }");
        var (wal, node) = Load(new CommandLine { ConfigFile = _file, MaxSegmentBytes = 6, DataDirectory = "a \"b\\c" });
        Assert.Equal(FlushPolicy.Interval, wal.Options.Flush);
        Assert.Equal(6, wal.Options.MaxSegmentBytes);
        Assert.Equal(Path.GetFullPath("a \"b\\c"), wal.Directory);
        Assert.Equal(7, node.WindowRequests);
        Assert.Equal(16 << 20, node.MaxLineBytes);
    }

    [Fact]
    public void Window_should_stay_below_what_the_log_lets_pend()
    {
        File.WriteAllText(_file, "akka-wal.max-pending-bytes = 1000");
        Assert.Equal(333, Load(new CommandLine { ConfigFile = _file }).Node.WindowBytes);
    }

    [Theory]
    [InlineData("akka-wal.node.window-requests = 0", "window-requests")]
    [InlineData("akka-wal.node.max-line-bytes = 12", "max-line-bytes")]
    [InlineData("akka-wal.node.max-line-bytes = 2 GiB", "max-line-bytes")]
    [InlineData("akka-wal.node.request-timeout = 0 s", "request-timeout")]
    [InlineData("akka-wal.node.maintenance-timeout = 0 s", "maintenance-timeout")]
    [InlineData("akka-wal.flush = maybe", "flush")]
    [InlineData("akka-wal.flush = ${nothing}", "--config")]
    public void Value_that_is_not_legal_should_be_named(string text, string expected)
    {
        File.WriteAllText(_file, text);
        var problem = Assert.Throws<ArgumentException>(() => Load(new CommandLine { ConfigFile = _file }));
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_is_not_there_should_be_named()
    {
        var problem = Assert.Throws<ArgumentException>(() => Load(new CommandLine { ConfigFile = "/nowhere/x.conf" }));
        Assert.Contains("/nowhere/x.conf", problem.Message, StringComparison.Ordinal);
    }
}
