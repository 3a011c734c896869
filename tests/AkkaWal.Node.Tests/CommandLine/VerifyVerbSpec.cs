using AkkaWal.Node.CommandLine;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.CommandLine;

public sealed class VerifyVerbSpec : VerbSpec
{
    [Fact]
    public void Whole_log_should_have_no_fault()
    {
        Fill(5);
        Assert.Equal("no fault: 3 segments, 5 whole records\n", Run("verify", Log).RequireFine().Output);
        var json = Run("verify", Log, "--json").RequireFine().Json;
        Assert.Equal(5, json.GetProperty("records").GetInt64());
        Assert.True(json.GetProperty("canBeOpened").GetBoolean());
        Assert.Empty(json.GetProperty("faults").EnumerateArray());
    }

    [Fact]
    public void Missing_segment_should_be_a_fault_with_the_repair_that_mends_it()
    {
        Fill(5);
        File.Delete(Path.Combine(Log, "00000002.log"));
        var outcome = Run("verify", Log);
        Assert.Equal((1, ""), (outcome.Status, outcome.Error));
        Assert.StartsWith(
            $"absent: {Path.Combine(Log, "00000002.log")}, position 0, offset 2 (S1)\n", outcome.Output,
            StringComparison.Ordinal);
        Assert.Contains("  mend by  repair set-segment-aside\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains(
            "1 fault: 2 segments, 3 whole records; the log can't be opened for writing\n", outcome.Output,
            StringComparison.Ordinal);

        var json = Run("verify", Log, "--json").Json;
        Assert.False(json.GetProperty("canBeOpened").GetBoolean());
        var fault = Assert.Single(json.GetProperty("faults").EnumerateArray());
        Assert.Equal(
            ("absent", "S1", "set-segment-aside", 2, true),
            (fault.GetProperty("kind").GetString(), fault.GetProperty("row").GetString(),
                fault.GetProperty("repair").GetString(), fault.GetProperty("offset").GetInt64(),
                fault.GetProperty("keepsLogFromOpening").GetBoolean()));
    }

    [Fact]
    public void Damaged_record_should_be_a_fault_that_keeps_no_log_from_opening()
    {
        Fill(5);
        DamageLastRecord("00000000.log");
        var outcome = Run("verify", Log);
        Assert.Equal(1, outcome.Status);
        Assert.Contains("offset 1", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("the log can be opened all the same\n", outcome.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true, false, true)]
    [InlineData(false, true, false, false)]
    [InlineData(true, false, false, false)]
    [InlineData(true, true, true, false)]
    public void Bar_should_be_on_a_terminal_alone(bool isError, bool isOutput, bool isPlain, bool expected)
    {
        Fill(5);
        var outcome = Run("", ["verify", Log], (input, output, error) => new OperatorConsole(input, output, error)
        {
            IsErrorTerminal = isError, IsOutputTerminal = isOutput, IsPlain = isPlain, Columns = 80,
        });
        Assert.Equal(0, outcome.Status);
        Assert.Equal("no fault: 3 segments, 5 whole records\n", outcome.Output);
        Assert.Equal(expected, outcome.Error.Contains("verifying", StringComparison.Ordinal));
        Assert.Equal(expected, outcome.Error.Length > 0);
    }

    [Fact]
    public void Log_in_use_should_be_verified_beside_its_writer()
    {
        Fill(5);
        using var log = SegmentedLog.Open(Log, Small);
        Assert.StartsWith("no fault", Run("verify", Log).RequireFine().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Interrupt_should_end_it_with_its_status_and_what_was_not_done()
    {
        Fill(5);
        var outcome = Run("", ["verify", Log], (input, output, error) =>
            new OperatorConsole(input, output, error) { Stopping = new CancellationToken(canceled: true) });
        outcome.RequireError(130, "interrupted: the log was not verified to its end");
        Assert.Equal("", outcome.Output);
    }
}
