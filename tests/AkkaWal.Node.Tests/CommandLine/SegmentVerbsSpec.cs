using AkkaWal.Node.CommandLine;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.CommandLine;

/// <summary>compress, archive, truncate, backup and restore.</summary>
public sealed class SegmentVerbsSpec : VerbSpec
{
    private const string Records = "0\trecord-000\n1\trecord-001\n2\trecord-002\n3\trecord-003\n4\trecord-004\n";

    /// <summary>Segments of one record of 4000 bytes.</summary>
    private static readonly WalOptions OneLargeRecordASegment = new() { MaxSegmentBytes = 5000 };

    private string Archive => Path.Combine(Root, "archive");

    private string Copy => Path.Combine(Root, "copy");

    [Fact]
    public void Compress_should_compress_what_shrinks_and_leave_its_records_as_they_are()
    {
        FillWithLargeRecords();
        var json = Run("compress", Log, "--all", "--json").RequireFine().Json;
        var segments = json.GetProperty("segments").EnumerateArray().ToList();
        Assert.Equal(
            ["00000000.log", "00000001.log"], segments.Select(segment => segment.GetProperty("file").GetString()));
        Assert.All(segments, segment =>
            Assert.True(segment.GetProperty("storedBytes").GetInt64() < segment.GetProperty("bytes").GetInt64()));
        Assert.Equal(["compressed", "compressed", "active"], States());
        Assert.Equal(3, Run("dump", Log).RequireFine().Output.Count(letter => letter == '\n'));
        Assert.Equal("0 segments compressed, 0 left as before\n", Run("compress", Log, "--all").RequireFine().Output);
    }

    [Fact]
    public void Compress_should_take_one_file_with_its_path_or_alone()
    {
        FillWithLargeRecords();
        var outcome = Run("compress", Log, Path.Combine(Log, "00000001.log"), "--codec", "lz4").RequireFine();
        Assert.Contains("1 segment compressed", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(["sealed", "compressed", "active"], States());
        var again = Run("compress", Log, "00000001.log");
        Assert.Equal((1, ""), (again.Status, again.Error));
        Assert.Contains("00000001.log is compressed already", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Compress_should_say_what_does_not_shrink()
    {
        Fill(5);
        var outcome = Run("compress", Log, "--all").RequireFine();
        Assert.Contains("00000000.log stays as it is", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("0 segments compressed, 2 left as before\n", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(1, Run("compress", Log, "00000000.log").Status);
    }

    [Fact]
    public void Compress_should_go_on_behind_a_damaged_segment_and_tell_it()
    {
        FillWithLargeRecords();
        Damage("00000000.log", 200);
        var outcome = Run("compress", Log, "--all");
        Assert.Equal(1, outcome.Status);
        Assert.Contains("00000000.log is damaged", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("1 segment compressed, 1 left as before\n", outcome.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name one FILE, or --all", "compress")]
    [InlineData("name one FILE, or --all", "compress", "00000000.log", "--all")]
    [InlineData("00000001.log is no segment of the log; inspect /", "compress", "00000001.log")]
    [InlineData("00000004.log is the active segment", "compress", "00000004.log")]
    [InlineData("--to", "archive", "--all")]
    [InlineData("--before", "truncate")]
    [InlineData("--before is at most 5, where the log goes on, and not 6", "truncate", "--before", "6")]
    [InlineData("--before is 0 or more, and not -1", "truncate", "--before", "-1")]
    [InlineData("--codec is brotli, lz4 or zstd, and not rar", "compress", "--all", "--codec", "rar")]
    public void Wrong_arguments_should_be_refused_and_change_nothing(
        string expected, string verb, params string[] arguments)
    {
        Fill(5);
        Run([verb, Log, .. arguments]).RequireError(2, expected);
        Assert.Equal(["sealed", "sealed", "active"], States());
    }

    [Theory]
    [InlineData("compress", "--all")]
    [InlineData("archive", "--all", "--to", "/nowhere")]
    [InlineData("truncate", "--before", "2")]
    [InlineData("repair")]
    public void Log_in_use_should_be_refused(string verb, params string[] arguments)
    {
        Fill(5);
        using var log = SegmentedLog.Open(Log, Small);
        Run([verb, Log, .. arguments]).RequireError(
            2, $"{Log} is locked by process {Environment.ProcessId}", "stop it, or use inspect");
    }

    [Theory]
    [InlineData("compress", "--all")]
    [InlineData("archive", "--all", "--to", "/nowhere")]
    [InlineData("truncate", "--before", "2")]
    [InlineData("backup", "/nowhere/copy")]
    public void Damaged_log_should_be_refused(string verb, params string[] arguments)
    {
        Fill(5);
        File.Delete(Path.Combine(Log, "00000002.log"));
        Run([verb, Log, .. arguments]).RequireError(2, "00000002.log is missing", "verify");
    }

    [Fact]
    public void Interrupt_should_leave_the_other_segments_as_they_are()
    {
        FillWithLargeRecords();
        var outcome = Run("", ["compress", Log, "--all"], (input, output, error) =>
            new OperatorConsole(input, output, error) { Stopping = new CancellationToken(canceled: true) });
        outcome.RequireError(130, "interrupted: 0 of 2 segments tried, 0 compressed; the others are as before");
        Assert.Equal(["sealed", "sealed", "active"], States());
    }

    [Fact]
    public void Archive_should_move_segments_that_are_read_from_there()
    {
        Fill(5);
        var outcome = Run("archive", Log, "00000000.log", "--to", Archive).RequireFine();
        Assert.Contains(Archive, outcome.Output, StringComparison.Ordinal);
        Assert.Equal(["archived", "sealed", "active"], States());
        Assert.False(File.Exists(Path.Combine(Log, "00000000.log")));
        Assert.Equal(Records, Run("dump", Log, "--archive", Archive).RequireFine().Output);
        Run("dump", Log).RequireError(1, "no archive is set", "--archive names its directory");
        Run("verify", Log, "--archive", Archive).RequireFine();
    }

    [Fact]
    public void Archive_that_is_elsewhere_should_be_an_error_with_the_option_that_names_it()
    {
        Fill(5);
        Run("archive", Log, "00000000.log", "--to", Archive).RequireFine();
        string[] elsewhere = ["--archive", Path.Combine(Root, "elsewhere")];
        Run(["dump", Log, .. elsewhere]).RequireError(1, "the archive is not there", "--archive names its directory");
        Run(["backup", Log, Copy, .. elsewhere]).RequireError(2, "--archive names its directory");
        Run("backup", Log, Copy).RequireError(2, "out of the archive: no archive is set; --archive names");
        Run("restore", Log, Copy).RequireError(2, "out of the archive: no archive is set; --archive names");
        Run("restore", Log, Copy, "--archive", Archive).RequireFine();
        Assert.Equal(Records, Run("dump", Copy).RequireFine().Output);
    }

    [Theory]
    [InlineData("log")]
    [InlineData("log/archive")]
    public void Archive_in_the_logs_own_directory_should_be_refused(string place)
    {
        Fill(5);
        Run("archive", Log, "--all", "--to", Path.Combine(Root, place)).RequireError(
            2, "is the log's directory or lies in it", "elsewhere");
        Assert.Equal(["sealed", "sealed", "active"], States());
    }

    [Fact]
    public void Truncate_should_delete_whole_segments_below_the_offset()
    {
        Fill(5);
        var json = Run("truncate", Log, "--before", "3", "--json").RequireFine().Json;
        Assert.Equal(["00000000.log"], json.GetProperty("deleted").EnumerateArray().Select(file => file.GetString()));
        Assert.Equal((2, 2), (json.GetProperty("startOffset").GetInt64(), json.GetProperty("records").GetInt64()));
        Assert.Equal("2\trecord-002\n3\trecord-003\n4\trecord-004\n", Run("dump", Log).RequireFine().Output);
        Assert.Contains(
            "0 segments deleted, 0 records, 0 B; the log starts at offset 2\n",
            Run("truncate", Log, "--before", "3").RequireFine().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Backup_should_copy_a_log_in_use_and_then_only_what_is_new()
    {
        Fill(5);
        using var log = SegmentedLog.Open(Log, Small);
        var first = Run("backup", Log, Copy, "--json").RequireFine().Json;
        Assert.Equal(
            (3, 0, 5), (Number(first, "segmentsCopied"), Number(first, "segmentsReused"), Number(first, "nextOffset")));
        log.Append("record-005"u8);
        log.Append("record-006"u8);
        log.Sync();
        var second = Run("backup", Log, Copy, "--json").RequireFine().Json;
        Assert.Equal(
            (2, 2, 7),
            (Number(second, "segmentsCopied"), Number(second, "segmentsReused"), Number(second, "nextOffset")));
        Assert.StartsWith("no fault", Run("verify", Copy).RequireFine().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Restore_should_copy_a_backup_to_where_nothing_is()
    {
        Fill(5);
        Run("backup", Log, Copy).RequireFine();
        var target = Path.Combine(Root, "restored");
        Assert.Contains(
            "3 segments restored and verified", Run("restore", Copy, target).RequireFine().Output,
            StringComparison.Ordinal);
        Assert.Equal(Records, Run("dump", target).RequireFine().Output);
        var refused = Run("restore", Copy, target).RequireError(2, target, "choose another destination");
        Assert.DoesNotContain("tells all that is wrong", refused.Error, StringComparison.Ordinal);
        Run("backup", Log, Path.Combine(Log, "below")).RequireError(2, "a backup must be elsewhere");
    }

    [Fact]
    public void Interrupted_backup_should_leave_the_destination_as_it_was()
    {
        Fill(5);
        var outcome = Run("", ["backup", Log, Copy], (input, output, error) =>
            new OperatorConsole(input, output, error) { Stopping = new CancellationToken(canceled: true) });
        outcome.RequireError(130, $"interrupted: {Copy} is as it was");
        Assert.Equal([Log], Directory.GetDirectories(Root));
    }

    private static long Number(System.Text.Json.JsonElement json, string name) => json.GetProperty(name).GetInt64();

    private void FillWithLargeRecords()
    {
        using var log = SegmentedLog.Open(Log, OneLargeRecordASegment);
        for (var count = 0; count < 3; count++) log.Append(new byte[4000]);
        log.Close();
    }

    private IEnumerable<string?> States() => Run("inspect", Log, "--json").RequireFine().Json.GetProperty("segments")
        .EnumerateArray().Select(segment => segment.GetProperty("state").GetString());
}
