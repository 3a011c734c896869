using AkkaWal.Node.CommandLine;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.CommandLine;

public sealed class InspectVerbSpec : VerbSpec
{
    [Fact]
    public void Segments_should_be_a_table_without_lines_where_the_output_is_no_terminal()
    {
        Fill(5);
        var outcome = Run("inspect", Log).RequireFine();
        Assert.Contains("5 records, offsets 0 to 4; 90 B in 3 segments\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("open by    nobody\n", outcome.Output, StringComparison.Ordinal);
        var lines = outcome.Output.Split('\n');
        var row = lines.Single(line => line.StartsWith("00000002.log", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["00000002.log", "2", "3", "2", "36", "sealed"], row[..6]);
        Assert.Contains(lines, line => line.StartsWith("00000004.log", StringComparison.Ordinal)
            && line.EndsWith("active", StringComparison.Ordinal));
        Assert.DoesNotContain('\e', outcome.Output);
        Assert.DoesNotContain('█', outcome.Output);
    }

    [Fact]
    public void Json_should_be_one_document_with_the_same()
    {
        Fill(5);
        using (var log = SegmentedLog.Open(Log, Small)) log.TruncateBefore(2);
        var json = Run("inspect", Log, "--json").RequireFine().Json;
        Assert.Equal(
            (2, 5, 5, 3),
            (Number("startOffset"), Number("nextOffset"), Number("durableNextOffset"), Number("records")));
        Assert.Equal(54, Number("bytes"));
        Assert.Equal("null", json.GetProperty("writer").GetRawText());
        Assert.Equal("null", json.GetProperty("damage").GetRawText());
        var gap = Assert.Single(json.GetProperty("deleted").EnumerateArray());
        Assert.Equal((0, 1), (gap.GetProperty("firstOffset").GetInt64(), gap.GetProperty("lastOffset").GetInt64()));
        var segments = json.GetProperty("segments").EnumerateArray().ToList();
        Assert.Equal(["sealed", "active"], segments.Select(segment => segment.GetProperty("state").GetString()));
        Assert.Equal(
            ["00000002.log", "00000004.log"], segments.Select(segment => segment.GetProperty("file").GetString()));
        Assert.Equal(36, segments[0].GetProperty("bytes").GetInt64());

        long Number(string name) => json.GetProperty(name).GetInt64();
    }

    [Fact]
    public void Owner_of_a_log_on_shared_storage_should_be_named()
    {
        SegmentedLog.Open(Log, Small with { Owner = "node-3 abc" }).Close();
        Assert.Contains(
            "owner      node-3 abc, epoch 1\nopen by    nobody\n", Run("inspect", Log).RequireFine().Output,
            StringComparison.Ordinal);
        using var log = SegmentedLog.Open(Log, Small with { Owner = "node-4 def" });
        var json = Run("inspect", Log, "--json").RequireFine().Json;
        Assert.Equal(
            ("node-4 def", 2), (json.GetProperty("owner").GetString(), json.GetProperty("epoch").GetInt64()));
    }

    [Fact]
    public void Writer_should_be_named_while_it_has_the_log_open()
    {
        Fill(1);
        using var log = SegmentedLog.Open(Log, Small);
        var writer = Run("inspect", Log, "--json").RequireFine().Json.GetProperty("writer").GetString();
        Assert.Contains($"process {Environment.ProcessId}", writer, StringComparison.Ordinal);
        Assert.Contains(
            $"open by    process {Environment.ProcessId}", Run("inspect", Log).RequireFine().Output,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(60)]
    public void Table_and_bars_should_fit_the_window(int columns)
    {
        Fill(5);
        var outcome = Run("", ["inspect", Log], (input, output, error) =>
            new OperatorConsole(input, output, error) { IsOutputTerminal = true, Columns = columns });
        outcome.RequireFine();
        string[] pictures = [.. outcome.Output.Split('\n').Where(line => line.AsSpan().ContainsAny('│', '█'))];
        Assert.Contains(pictures, line => line.Contains('█', StringComparison.Ordinal));
        Assert.All(pictures, line => Assert.True(VisibleLength(line) <= columns, line));
    }

    [Fact]
    public void Table_should_be_a_list_where_the_window_is_too_narrow_for_one()
    {
        Fill(3);
        var outcome = Run("", ["inspect", Log], (input, output, error) =>
            new OperatorConsole(input, output, error) { IsOutputTerminal = true, Columns = 30 });
        const string Last =
            "segment          00000002.log\nfirst            2\nlast             2\nrecords          1\n"
            + "bytes            18\nstate            active\n";
        Assert.Contains(Last, outcome.RequireFine().Output, StringComparison.Ordinal);
        Assert.DoesNotContain('│', outcome.Output);
    }

    [Fact]
    public void No_color_should_leave_out_colours_and_bars_on_a_terminal()
    {
        Fill(1);
        var outcome = Run("", ["inspect", Log], (input, output, error) =>
            new OperatorConsole(input, output, error) { IsOutputTerminal = true, IsPlain = true, Columns = 100 });
        Assert.Contains('│', outcome.RequireFine().Output);
        Assert.DoesNotContain('█', outcome.Output);
        Assert.DoesNotContain('\e', outcome.Output);
    }

    [Fact]
    public void Damaged_log_should_be_shown_with_its_damage_and_a_status()
    {
        Fill(5);
        File.Delete(Path.Combine(Log, "00000002.log"));
        var outcome = Run("inspect", Log);
        Assert.Equal(1, outcome.Status);
        Assert.Contains("00000002.log is missing", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("00000000.log", outcome.Output, StringComparison.Ordinal);
    }

    private static int VisibleLength(string line) =>
        System.Text.RegularExpressions.Regex.Replace(line, "\e\\[[0-9;]*m", "").Length;
}
