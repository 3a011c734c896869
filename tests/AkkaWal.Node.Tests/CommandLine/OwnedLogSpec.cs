using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.CommandLine;

/// <summary>
/// Verbs that write take a log over from its owner (docs/COMMANDS.md): one that refuses its arguments must not.
/// </summary>
public sealed class OwnedLogSpec : VerbSpec
{
    private string Cold => Path.Combine(Root, "cold");

    [Theory]
    [InlineData("00000007.log is no segment of the log", "compress", "00000007.log")]
    [InlineData("00000004.log is the active segment", "compress", "00000004.log")]
    [InlineData("--codec is", "compress", "--all", "--codec", "zip")]
    [InlineData("name one FILE, or --all", "compress")]
    [InlineData("00000007.log is no segment of the log", "archive", "00000007.log", "--to", "COLD")]
    [InlineData("is the log's directory or lies in it", "archive", "--all", "--to", "LOG/cold")]
    [InlineData("--before is at most 5, where the log goes on, and not 6", "truncate", "--before", "6")]
    [InlineData("--before is 0 or more", "truncate", "--before", "-1")]
    [InlineData("--max-segment-bytes is 1 to", "append", "--max-segment-bytes", "0")]
    [InlineData("a path is empty", "append", "--archive", "")]
    public void Wrong_arguments_should_not_take_the_log_over(string expected, string verb, params string[] options)
    {
        Own();
        Run([verb, Log, .. options.Select(At)]).RequireError(2, expected);
        Assert.Equal(("node-3", 1), Owner());
    }

    [Fact]
    public void Verb_that_writes_should_take_the_log_over()
    {
        Own();
        Assert.Equal(0, Run("truncate", Log, "--before", "2").Status);
        Assert.Equal(2, Owner().Epoch);
    }

    private void Own()
    {
        using var log = SegmentedLog.Open(Log, Small with { Owner = "node-3" });
        for (var offset = 0; offset < 5; offset++) log.Append(new byte[10]);
        log.Close();
    }

    private string At(string option) => option
        .Replace("LOG", Log, StringComparison.Ordinal).Replace("COLD", Cold, StringComparison.Ordinal);

    private (string? Owner, long Epoch) Owner()
    {
        var json = Run("inspect", Log, "--json").RequireFine().Json;
        return (json.GetProperty("owner").GetString(), json.GetProperty("epoch").GetInt64());
    }
}
