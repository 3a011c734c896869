using AkkaWal.Node.CommandLine;

namespace AkkaWal.Node.Tests.CommandLine;

public sealed class BenchVerbSpec : VerbSpec
{
    [Fact]
    public void Bench_should_measure_disk_and_log_and_remove_its_folder()
    {
        var json = Run("bench", Root, "--seconds", "1", "--json").RequireFine().Json;
        var results = json.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(
            ["bare write and sync of 100 B", "log, 1 writer", "log, commits of 64 records"],
            results.Select(result => result.GetProperty("name").GetString()));
        Assert.All(results, result => Assert.InRange(
            result.GetProperty("medianMicroseconds").GetDouble(),
            0, result.GetProperty("slowestMicroseconds").GetDouble()));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Root));
    }

    [Fact]
    public void Interrupt_should_remove_the_folder_and_tell_what_was_measured()
    {
        var outcome = Run("", ["bench", Root], (input, output, error) =>
            new OperatorConsole(input, output, error) { Stopping = new CancellationToken(canceled: true) });
        outcome.RequireError(130, "interrupted: 0 of 3 measurements were made; the temporary folder is removed");
        Assert.Empty(Directory.EnumerateFileSystemEntries(Root));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("61")]
    public void Wrong_number_of_seconds_should_be_refused(string seconds) =>
        Run("bench", Root, "--seconds", seconds).RequireError(2, "--seconds is 1 to 60");

    [Fact]
    public void Missing_directory_should_be_refused() =>
        Run("bench", Log).RequireError(2, $"there is no directory {Log}");
}
