using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using AkkaWal.Node.CommandLine;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.CommandLine;

/// <summary>dump, tail and append.</summary>
public sealed class RecordVerbsSpec : VerbSpec
{
    [Fact]
    public void Dump_should_print_offset_and_text_of_a_range()
    {
        Fill(5);
        Assert.Equal(
            "1\trecord-001\n2\trecord-002\n", Run("dump", Log, "--from", "1", "--to", "2").RequireFine().Output);
        Assert.Equal(5, Run("dump", Log).RequireFine().Output.Count(letter => letter == '\n'));
    }

    [Fact]
    public void Dump_as_json_should_be_one_object_a_line()
    {
        Run("plain \"text\"\n", ["append", Log, "--create"]).RequireFine();
        Append([0xff, 0x00]);
        var lines = Run("dump", Log, "--json").RequireFine().Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["""{"offset":0,"bytes":12,"text":"plain \"text\""}""", """{"offset":1,"bytes":2,"base64":"/wA="}"""],
            lines);
        Assert.Equal(
            lines, Run("dump", Log, "--format", "json").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Dump_as_text_should_escape_what_would_move_a_terminals_cursor()
    {
        Run("", ["append", Log, "--create"]).RequireFine();
        Append("\e[2J\r\n\t\\ä\u202e"u8.ToArray());
        Append([0xff]);
        Assert.Equal("0\t\\x1b[2J\\r\\n\\t\\\\ä\\xe2\\x80\\xae\n1\t\\xff\n", Run("dump", Log).RequireFine().Output);
    }

    [Fact]
    public void Dump_as_hex_should_show_bytes_beside_characters()
    {
        Run("", ["append", Log, "--create"]).RequireFine();
        Append("0123456789abcdefg\n"u8.ToArray());
        const string Expected =
            "offset 0, 18 bytes\n"
            + "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n"
            + "00000010  67 0a                                             |g.|\n";
        Assert.Equal(Expected, Run("dump", Log, "--format", "hex").RequireFine().Output);
    }

    [Fact]
    public void Dump_as_raw_should_feed_append()
    {
        Fill(5);
        Assert.Equal("record-000record-001", Run("dump", Log, "--format", "raw", "--to", "1").RequireFine().Output);
        var prefixed = Run("dump", Log, "--format", "raw", "--length-prefixed").RequireFine().Output;
        var copy = Path.Combine(Root, "copy");
        Run(prefixed, ["append", copy, "--create", "--length-prefixed"]).RequireFine();
        Assert.Equal(Run("dump", Log).Output, Run("dump", copy).Output);
    }

    [Theory]
    [InlineData("contradict", "--json", "--format", "hex")]
    [InlineData("--format raw", "--length-prefixed")]
    [InlineData("--to is 2 or more, and not 1", "--from", "2", "--to", "1")]
    [InlineData("--from is 0 or more, and not -1", "--from", "-1")]
    [InlineData("--format is hex, json, raw or text, and not xml", "--format", "xml")]
    [InlineData("--from is a whole number, and not many", "--from", "many")]
    public void Dump_should_refuse_wrong_options(string expected, params string[] options)
    {
        Fill(1);
        Run(["dump", Log, .. options]).RequireError(2, expected);
    }

    [Fact]
    public void Dump_of_an_empty_range_should_tell_what_the_log_holds()
    {
        Fill(5);
        var outcome = Run("dump", Log, "--from", "7");
        Assert.Equal((0, ""), (outcome.Status, outcome.Output));
        outcome.RequireError(0, "no record is in the range: the log holds offsets 0 to 4");
    }

    [Theory]
    [InlineData("dump")]
    [InlineData("tail")]
    public void Damage_in_the_middle_should_be_told_with_the_offset_where_reading_goes_on(string verb)
    {
        Fill(7);
        DamageLastRecord("00000002.log");
        Run(verb, Log).RequireError(1, "00000002.log is damaged", "dump --from 4 goes on behind it");
        Assert.StartsWith(
            "4\trecord-004\n", Run("dump", Log, "--from", "4").RequireFine().Output, StringComparison.Ordinal);
        Assert.DoesNotContain("goes on behind it", Run("dump", Log, "--to", "3").Error, StringComparison.Ordinal);
        File.Delete(Path.Combine(Log, "00000002.log"));
        Run(verb, Log).RequireError(1, "00000002.log is missing", "dump --from 4 goes on behind it");
    }

    [Theory]
    [InlineData("dump")]
    [InlineData("tail")]
    public void Damaged_log_should_be_an_error_behind_what_can_be_read(string verb)
    {
        Fill(5);
        File.Delete(Path.Combine(Log, "00000004.log"));
        var outcome = Run(verb, Log, "--json").RequireError(1, "this is what can be read of a damaged log");
        var lines = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, lines.Length);
        Assert.Equal(1, JsonDocument.Parse(lines[^1]).RootElement.GetProperty("status").GetInt32());
    }

    [Fact]
    public void Dump_should_print_what_is_before_a_damaged_record_and_tell_it()
    {
        Fill(5);
        DamageLastRecord("00000002.log");
        var outcome = Run("dump", Log).RequireError(
            1, "00000002.log is damaged", "3 records printed, the last one of offset 2", "verify");
        Assert.Equal("0\trecord-000\n1\trecord-001\n2\trecord-002\n", outcome.Output);
        var lines = Run("dump", Log, "--json").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1, JsonDocument.Parse(lines[^1]).RootElement.GetProperty("status").GetInt32());
    }

    [Fact]
    public void Dump_should_work_beside_a_writer()
    {
        Fill(3);
        using var log = SegmentedLog.Open(Log, Small);
        Assert.Equal("2\trecord-002\n", Run("dump", Log, "--from", "2").RequireFine().Output);
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(3, "2\trecord-002\n3\trecord-003\n4\trecord-004\n")]
    [InlineData(99, "0\trecord-000\n1\trecord-001\n2\trecord-002\n3\trecord-003\n4\trecord-004\n")]
    public void Tail_should_print_the_last_records(int count, string expected)
    {
        Fill(5);
        Assert.Equal(expected, Run("tail", Log, "-n", $"{count}").RequireFine().Output);
    }

    [Fact]
    public void Tail_should_count_over_a_gap()
    {
        Fill(5);
        using (var log = SegmentedLog.Open(Log, Small)) log.DeleteSegment("00000002.log");
        Assert.Equal("1\trecord-001\n4\trecord-004\n", Run("tail", Log, "-n", "2").RequireFine().Output);
    }

    [Fact]
    public async Task Tail_should_follow_a_writer_until_it_is_interrupted()
    {
        Fill(1);
        using var log = SegmentedLog.Open(Log, Small);
        using var stopping = new CancellationTokenSource();
        using var output = new SeenStream("record-000\n", "record-004\n");
        using var error = new MemoryStream();
        var console = new OperatorConsole(Stream.Null, output, error) { Stopping = stopping.Token };
        var tail = Task.Run(() => OperatorTool.Run(["tail", Log, "-f", "-n", "1"], console));
        await output.SawFirst.WaitAsync(TimeSpan.FromMinutes(1));
        for (var offset = 1; offset < 5; offset++)
        {
            log.Append(Encoding.UTF8.GetBytes($"record-{offset:000}"));
            log.Commit();
        }
        // The watermark of the last commit is written with the next one, or when the log is closed.
        log.Close();
        await output.SawLast.WaitAsync(TimeSpan.FromMinutes(1));
        await stopping.CancelAsync();
        Assert.Equal(130, await tail.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal("0\trecord-000\n1\trecord-001\n2\trecord-002\n3\trecord-003\n4\trecord-004\n", output.Text);
        Assert.Equal(
            "akkawal: interrupted: 5 records printed, the last one of offset 4\n",
            Encoding.UTF8.GetString(error.ToArray()));
    }

    [Fact]
    public void Append_should_take_lines_and_tell_first_and_last_offset()
    {
        Fill(2);
        Assert.Equal("3 records appended, offsets 2 to 4\n", Run("a\n\nlast", ["append", Log]).RequireFine().Output);
        Assert.Equal("2\ta\n3\t\n4\tlast\n", Run("dump", Log, "--from", "2").Output);
        var json = Run("b\n", ["append", Log, "--json"]).RequireFine().Json;
        Assert.Equal(
            (1, 5, 5, 6),
            (json.GetProperty("records").GetInt64(), json.GetProperty("firstOffset").GetInt64(),
                json.GetProperty("lastOffset").GetInt64(), json.GetProperty("nextOffset").GetInt64()));
    }

    [Fact]
    public void Append_of_nothing_should_say_so()
    {
        Fill(2);
        Assert.Equal("no record was given; the log goes on at offset 2\n", Run("append", Log).RequireFine().Output);
        Assert.Equal("null", Run("append", Log, "--json").Json.GetProperty("firstOffset").GetRawText());
    }

    [Fact]
    public void Append_should_keep_what_came_before_a_record_that_is_cut()
    {
        Fill(1);
        Run("\u0003\0\0\0abc\u0009\0\0\0x", ["append", Log, "--length-prefixed"]).RequireError(
            1, "the input ends in the middle of record 2: 5 bytes of it are there",
            "1 record appended, offsets 1 to 1");
        Assert.Equal("1\tabc\n", Run("dump", Log, "--from", "1").Output);
    }

    [Fact]
    public void Append_should_refuse_a_length_that_no_record_has()
    {
        Fill(1);
        Run("text lines\n", ["append", Log, "--length-prefixed"]).RequireError(
            1, "record 1 of the input has 1954047348 bytes", "is the input really length-prefixed?",
            "no record was appended");
    }

    [Fact]
    public void Append_should_take_a_record_that_is_larger_than_a_read()
    {
        var record = new byte[300_000];
        new Random(1).NextBytes(record);
        byte[] input = [.. new byte[4], .. record];
        BinaryPrimitives.WriteInt32LittleEndian(input, record.Length);
        using var given = new MemoryStream(input);
        var console = new OperatorConsole(given, Stream.Null, Stream.Null);
        Assert.Equal(0, OperatorTool.Run(["append", Log, "--create", "--length-prefixed"], console));
        using var reader = LogReader.Open(Log);
        Assert.Equal(record, reader.Read(0));
    }

    [Fact]
    public void Append_should_refuse_a_log_that_is_in_use()
    {
        Fill(1);
        using var log = SegmentedLog.Open(Log, Small);
        Run("a\n", ["append", Log]).RequireError(
            2, $"{Log} is locked by process {Environment.ProcessId}", "stop it, or use inspect");
    }

    [Fact]
    public void Append_should_refuse_a_damaged_log_with_the_command_that_repairs_it()
    {
        Fill(5);
        File.Delete(Path.Combine(Log, "00000002.log"));
        Run("a\n", ["append", Log]).RequireError(
            2, "00000002.log is missing", "repair set-segment-aside --segment 2", "verify");
    }

    [Fact]
    public void Append_should_keep_what_was_read_before_an_interrupt()
    {
        Fill(1);
        using var stopping = new CancellationTokenSource();
        using var input = new OneReadStream("a\nb\nrest"u8.ToArray(), stopping.Cancel);
        using var error = new MemoryStream();
        var console = new OperatorConsole(input, Stream.Null, error) { Stopping = stopping.Token };
        Assert.Equal(130, OperatorTool.Run(["append", Log], console));
        Assert.Equal(
            "akkawal: interrupted: 2 records appended, offsets 1 to 2, and nothing of the input behind them\n",
            Encoding.UTF8.GetString(error.ToArray()));
        Assert.Equal("1\ta\n2\tb\n", Run("dump", Log, "--from", "1").Output);
    }

    private void Append(byte[] record)
    {
        using var log = SegmentedLog.Open(Log, Small);
        log.Append(record);
        log.Close();
    }

    /// <summary>Keeps the written bytes, and completes tasks when two texts have appeared.</summary>
    private sealed class SeenStream(string first, string last) : MemoryStream
    {
        private readonly TaskCompletionSource _sawFirst = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _sawLast = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task SawFirst => _sawFirst.Task;

        public Task SawLast => _sawLast.Task;

        public string Text => Encoding.UTF8.GetString(ToArray());

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            base.Write(buffer);
            if (Text.Contains(first, StringComparison.Ordinal)) _sawFirst.TrySetResult();
            if (Text.Contains(last, StringComparison.Ordinal)) _sawLast.TrySetResult();
        }
    }

    /// <summary>Returns its bytes in one read. The next read calls an action and never returns.</summary>
    private sealed class OneReadStream(byte[] bytes, Action atSecondRead) : MemoryStream
    {
        private bool _isRead;

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_isRead)
            {
                atSecondRead();
                new ManualResetEventSlim().Wait(TimeSpan.FromMinutes(1));
                return 0;
            }
            _isRead = true;
            bytes.CopyTo(buffer, offset);
            return bytes.Length;
        }
    }
}
