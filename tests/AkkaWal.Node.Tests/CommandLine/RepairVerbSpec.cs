using System.Text;
using AkkaWal.Node.CommandLine;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.CommandLine;

public sealed class RepairVerbSpec : VerbSpec
{
    [Fact]
    public void Whole_log_should_have_nothing_to_repair()
    {
        Fill(5);
        Assert.Equal("nothing to repair: the log has no fault\n", Run("repair", Log).RequireFine().Output);
    }

    [Fact]
    public void Repair_should_tell_what_is_lost_and_refuse_without_a_terminal()
    {
        Fill(5);
        File.Delete(Path.Combine(Log, "00000002.log"));
        var manifest = File.ReadAllBytes(Path.Combine(Log, "MANIFEST"));
        var outcome = Run("repair", Log).RequireError(2, "without a terminal nobody can be asked", "--yes");
        Assert.Contains(
            "set-segment-aside: a segment of offsets 2 to 3 is given up: these offsets become a gap\n", outcome.Output,
            StringComparison.Ordinal);
        Assert.Equal(manifest, File.ReadAllBytes(Path.Combine(Log, "MANIFEST")));
    }

    [Theory]
    [InlineData("n\n", 1, "0 repairs made; 1 fault left\n")]
    [InlineData("", 1, "0 repairs made; 1 fault left\n")]
    [InlineData("y\n", 0, "1 repair made: the log has no fault\n")]
    [InlineData("YES\n", 0, "1 repair made: the log has no fault\n")]
    public void Answer_of_a_person_should_decide(string answer, int status, string expected)
    {
        Fill(5);
        File.Delete(Path.Combine(Log, "00000002.log"));
        var outcome = Run(answer, ["repair", Log], AtTerminal);
        Assert.Equal((status, "Go on? [y/N] "), (outcome.Status, outcome.Error));
        Assert.EndsWith(expected, outcome.Output, StringComparison.Ordinal);
        Assert.Equal(status, Run("verify", Log).Status);
    }

    [Fact]
    public void Several_faults_should_be_mended_one_after_the_other()
    {
        Fill(5);
        File.Delete(Path.Combine(Log, "00000002.log"));
        File.Delete(Path.Combine(Log, "00000000.index"));
        var json = Run("repair", Log, "--yes", "--json").RequireFine().Json;
        Assert.Equal(["set-segment-aside", "rebuild-index"], Made(json));
        Assert.Empty(json.GetProperty("faultsLeft").EnumerateArray());
        Assert.True(json.GetProperty("canBeOpened").GetBoolean());
        Assert.Equal("0\trecord-000\n1\trecord-001\n4\trecord-004\n", Run("dump", Log).RequireFine().Output);
    }

    [Fact]
    public void Dry_run_should_tell_what_would_be_lost_and_change_no_byte()
    {
        Fill(5);
        File.Delete(Path.Combine(Log, "00000002.log"));
        File.Delete(Path.Combine(Log, "00000000.index"));
        var before = Everything();
        var outcome = Run("repair", Log, "--dry-run", "--yes");
        Assert.Equal((1, ""), (outcome.Status, outcome.Error));
        Assert.Contains(
            "set-segment-aside: a segment of offsets 2 to 3 is given up: these offsets become a gap\n"
            + "  would lose offsets 2 to 3\n", outcome.Output, StringComparison.Ordinal);
        Assert.EndsWith(
            "2 repairs would be made, and no fault left; nothing was changed\n", outcome.Output,
            StringComparison.Ordinal);
        var json = Run("repair", Log, "-n", "--json").Json;
        Assert.Equal(["set-segment-aside", "rebuild-index"], Made(json));
        Assert.True(json.GetProperty("isDryRun").GetBoolean());
        Assert.Equal(before, Everything());

        Run("repair", Log, "--yes").RequireFine();
        Assert.Equal("nothing to repair: the log has no fault\n", Run("repair", Log, "-n").RequireFine().Output);
    }

    [Fact]
    public void Dry_run_should_try_a_copy_that_is_to_be_put_back()
    {
        Fill(5);
        var copy = Path.Combine(Root, "00000000.log");
        File.Copy(Path.Combine(Log, "00000000.log"), copy);
        Run("truncate", Log, "--before", "2").RequireFine();
        var before = Everything();
        var outcome = Run("repair", Log, "--put-back", copy, "--dry-run");
        Assert.Equal(1, outcome.Status);
        Assert.EndsWith(
            "  would lose nothing\n1 repair would be made, and no fault left; nothing was changed\n", outcome.Output,
            StringComparison.Ordinal);
        Run("repair", Log, "--put-back", Path.Combine(Log, "00000002.log"), "--dry-run").RequireError(
            2, "offsets 2 to 3: they are no gap");
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void Repair_that_can_not_be_made_should_be_told_and_left()
    {
        Fill(5);
        File.WriteAllText(Path.Combine(Log, "MANIFEST"), "nonsense");
        File.Delete(Path.Combine(Log, "00000002.log"));
        File.Delete(Path.Combine(Log, "00000000.index"));
        var outcome = Run("repair", Log, "--yes");
        Assert.Equal((1, ""), (outcome.Status, outcome.Error));
        Assert.Contains(
            "rebuild-manifest: no segment beside the log is lost", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("  not done: ", outcome.Output, StringComparison.Ordinal);
        Assert.EndsWith("2 repairs made; 2 faults left\n", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_tail_of_a_crashed_log_should_be_cut()
    {
        using (var log = SegmentedLog.Open(Path.Combine(Root, "alive")))
        {
            for (var offset = 0; offset < 3; offset++)
            {
                log.Append(Encoding.UTF8.GetBytes($"record-{offset:000}"));
                log.Sync();
            }
            Directory.CreateDirectory(Log);
            foreach (var name in (string[])["MANIFEST", "00000000.log", "00000000.index"])
                File.Copy(Path.Combine(Root, "alive", name), Path.Combine(Log, name));
        }
        var bytes = File.ReadAllBytes(Path.Combine(Log, "00000000.log"));
        Damage("00000000.log", bytes.AsSpan().IndexOf("record-001"u8));
        var outcome = Run("repair", Log, "--yes").RequireFine();
        Assert.Contains(
            "cut-tail: the records of the last segment from offset 1 on are lost", outcome.Output,
            StringComparison.Ordinal);
        Assert.Contains("  done; lost: offsets 1 to ", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("  what was changed is kept in ", outcome.Output, StringComparison.Ordinal);
        Assert.Equal("0\trecord-000\n", Run("dump", Log).RequireFine().Output);
    }

    [Fact]
    public void Fault_that_no_repair_mends_should_be_left_with_a_status()
    {
        Fill(5);
        DamageLastRecord("00000000.log");
        var outcome = Run("repair", Log, "--yes");
        Assert.Equal((1, ""), (outcome.Status, outcome.Error));
        Assert.EndsWith("0 repairs made; 1 fault left\n", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Segment_should_be_set_aside_by_name_and_put_back()
    {
        Fill(5);
        var copy = Path.Combine(Root, "00000000.log");
        File.Copy(Path.Combine(Log, "00000000.log"), copy);
        DamageLastRecord("00000000.log");
        var aside = Run("repair", Log, "set-segment-aside", "--segment", "0", "--yes").RequireFine();
        Assert.Contains(
            "all records of the segment that starts at offset 0 leave the log", aside.Output, StringComparison.Ordinal);
        Assert.Equal(3, Run("dump", Log).RequireFine().Output.Count(letter => letter == '\n'));
        Run("repair", Log, "--put-back", copy, "--yes").RequireFine();
        Assert.Equal(5, Run("dump", Log).RequireFine().Output.Count(letter => letter == '\n'));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false, "--json")]
    public void Bar_should_tell_how_far_it_is_on_a_terminal_alone(bool expected, params string[] options)
    {
        Fill(5);
        File.Delete(Path.Combine(Log, "00000002.log"));
        string[] arguments = ["repair", Log, "--yes", .. options];
        var outcome = Run("", arguments, (input, output, error) => new OperatorConsole(input, output, error)
        {
            IsErrorTerminal = true, IsOutputTerminal = true, Columns = 80,
        });
        Assert.Equal(0, outcome.Status);
        Assert.Equal(expected, outcome.Error.Contains("verifying", StringComparison.Ordinal));
        Assert.Equal(expected, outcome.Error.Contains("set-segment-aside", StringComparison.Ordinal));
        Assert.Equal(expected, outcome.Error.Length > 0);
    }

    [Theory]
    [InlineData("cut-tial", "and not cut-tial")]
    [InlineData("rebuild-index", "rebuild-index needs --segment")]
    public void Wrong_repair_should_be_refused(string repair, string expected)
    {
        Fill(1);
        Run("repair", Log, repair, "--yes").RequireError(2, expected);
    }

    [Theory]
    [InlineData("--segment goes with rebuild-index", "--segment", "0")]
    [InlineData("--segment goes with rebuild-index", "cut-tail", "--segment", "0")]
    [InlineData("--next-offset goes with cut-tail", "rebuild-index", "--segment", "0", "--next-offset", "9")]
    [InlineData("--next-offset is 0 or more, and not -1", "--next-offset", "-1")]
    [InlineData("00000007.log is no segment of the log", "rebuild-index", "--segment", "7")]
    [InlineData("there is no file /nowhere", "--put-back", "/nowhere")]
    [InlineData("there is no file /tmp", "--put-back", "/tmp")]
    [InlineData("/etc/passwd", "--put-back", "/etc/passwd")]
    public void Wrong_arguments_should_be_refused_before_anything_is_begun(string expected, params string[] arguments)
    {
        Fill(1);
        Run(["repair", Log, "--yes", .. arguments]).RequireError(2, expected);
    }

    [Fact]
    public void Interrupt_at_the_question_should_change_nothing()
    {
        Fill(5);
        File.Delete(Path.Combine(Log, "00000002.log"));
        using var stopping = new CancellationTokenSource();
        using var input = new StoppingStream(stopping);
        using var error = new MemoryStream();
        var console = new OperatorConsole(input, Stream.Null, error)
        {
            IsInputTerminal = true, Stopping = stopping.Token,
        };
        Assert.Equal(130, OperatorTool.Run(["repair", Log], console));
        Assert.EndsWith(
            "akkawal: interrupted: 0 repairs made, and nothing else was changed\n",
            Encoding.UTF8.GetString(error.ToArray()),
            StringComparison.Ordinal);
        Assert.Equal(1, Run("verify", Log).Status);
    }

    [Theory]
    [InlineData(
        "LogRepair.SealAsItIs(8) keeps all whole records of it",
        "repair seal-as-it-is --segment 8 keeps all whole records of it")]
    [InlineData("LogRepair.CutTail keeps what is whole", "repair cut-tail keeps what is whole")]
    [InlineData(
        "take it with LogBackup; LogVerifier tells all, or with LogRepair",
        "take it with backup; verify tells all, or with repair")]
    [InlineData("MyLogRepair.CutTail", "MyLogRepair.CutTail")]
    public void Advice_of_the_library_should_be_told_as_commands(string advice, string expected) =>
        Assert.Equal(expected, RepairNames.ToCommands(advice));

    [Fact]
    public void Repairs_should_be_found_by_their_names() =>
        Assert.All(Enum.GetValues<RepairKind>(), kind => Assert.Equal(kind, RepairNames.Parse(RepairNames.Of(kind))));

    private static OperatorConsole AtTerminal(Stream input, Stream output, Stream error) =>
        new(input, output, error) { IsInputTerminal = true };

    // The names and bytes of all files, LOCK included.
    private List<string> Everything() =>
    [
        .. Directory.EnumerateFiles(Log, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => $"{file} {Convert.ToHexString(File.ReadAllBytes(file))}"),
    ];

    private static IEnumerable<string?> Made(System.Text.Json.JsonElement json) =>
        json.GetProperty("repairs").EnumerateArray().Select(made => made.GetProperty("repair").GetString());

    /// <summary>The answer to a question never comes, and the operator presses Ctrl-C.</summary>
    private sealed class StoppingStream(CancellationTokenSource stopping) : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            stopping.Cancel();
            new ManualResetEventSlim().Wait(TimeSpan.FromMinutes(1));
            return 0;
        }
    }
}
