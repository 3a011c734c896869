using AkkaWal.Node.Startup;

namespace AkkaWal.Node.Tests.Startup;

public class NodeArgumentsSpec
{
    private static NodeArguments Parse(params string[] arguments) => NodeArguments.Parse(arguments, static _ => null);

    [Fact]
    public void Nothing_should_be_said_by_no_arguments() => Assert.Equal(new NodeArguments(), Parse());

    [Theory]
    [InlineData("--data-dir", "/d", "--flush", "os-cache", "--max-segment-bytes", "4294967295", "--config", "f")]
    [InlineData("--config=f", "--max-segment-bytes=4294967295", "--data-dir=/d", "--flush=os-cache")]
    [InlineData(
        "--data-dir=/c", "--data-dir", "/d", "--flush=os-cache", "--max-segment-bytes=4294967295", "--config=f")]
    public void Flags_should_be_read_in_both_spellings_and_any_order(params string[] arguments) => Assert.Equal(
        new NodeArguments
        {
            DataDirectory = "/d", Flush = "os-cache", MaxSegmentBytes = uint.MaxValue, ConfigFile = "f",
        },
        Parse(arguments));

    [Theory]
    [InlineData("--nope")]
    [InlineData("--nope=1")]
    [InlineData("data")]
    [InlineData("--data-dir")]
    [InlineData("--data-dir", "")]
    [InlineData("--data-dir=")]
    [InlineData("--flush", "sometimes")]
    [InlineData("--flush", "Always")]
    [InlineData("--max-segment-bytes", "0")]
    [InlineData("--max-segment-bytes", "-1")]
    [InlineData("--max-segment-bytes", "4294967296")]
    [InlineData("--max-segment-bytes", "many")]
    [InlineData("--data-dir", "/d", "extra")]
    public void Wrong_arguments_should_be_a_problem_that_names_them(params string[] arguments)
    {
        var problem = Parse(arguments).Problem;
        Assert.NotNull(problem);
        Assert.True(
            arguments.Any(argument => problem.Contains(argument.Split('=')[0], StringComparison.Ordinal)), problem);
    }

    [Theory]
    [InlineData("--data-dri", "there is no flag --data-dri, but --data-dir")]
    [InlineData("--max-segment-byte=5", "there is no flag --max-segment-byte, but --max-segment-bytes")]
    [InlineData("flush", "there is no flag flush, but --flush")]
    [InlineData("--zebra", "there is no flag --zebra")]
    [InlineData("--help=1", "--help takes no value")]
    [InlineData("--version=", "--version takes no value")]
    public void Flag_that_is_not_known_should_be_refused_with_the_one_that_was_meant(
        string argument, string expected) =>
        Assert.Equal(expected, Parse(argument).Problem);

    [Fact]
    public void Environment_should_count_only_where_no_flag_does()
    {
        static string? Environment(string name) =>
            name switch { "AKKAWAL_DATA_DIR" => "/e", "AKKAWAL_FLUSH" => "interval", _ => null };
        Assert.Equal(
            new NodeArguments { DataDirectory = "/e", Flush = "interval" }, NodeArguments.Parse([], Environment));
        Assert.Equal(
            new NodeArguments { DataDirectory = "/d", Flush = "always" },
            NodeArguments.Parse(["--flush=always", "--data-dir=/d"], Environment));
        Assert.Equal(new NodeArguments(), NodeArguments.Parse([], static _ => ""));
        Assert.Contains(
            "AKKAWAL_FLUSH", NodeArguments.Parse([], static name => name == "AKKAWAL_FLUSH" ? "x" : null).Problem,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Help_and_version_should_win_over_what_else_is_said()
    {
        Assert.True(Parse("--flush", "always", "--help").WantsHelp);
        Assert.True(Parse("-h").WantsHelp);
        Assert.True(Parse("--version").WantsVersion);
    }
}
