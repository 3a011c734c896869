using AkkaWal.Node.CommandLine;

namespace AkkaWal.Node.Tests.CommandLine;

/// <summary>What all verbs have in common: refusals, help, completion, errors.</summary>
public sealed class OperatorToolSpec : VerbSpec
{
    private static readonly string[] OnLogs =
    [
        "inspect", "verify", "repair", "dump", "tail", "append", "compress", "archive", "truncate", "backup", "restore",
    ];

    public static TheoryData<string> VerbsOnLogs() => [.. OnLogs];

    public static TheoryData<string> Verbs() => [.. OnLogs, "bench"];

    [Theory]
    [MemberData(nameof(VerbsOnLogs))]
    public void Missing_directory_should_be_refused(string verb) =>
        Run(CompleteArguments(verb, Log)).RequireError(2, $"there is no directory {Log}", "MANIFEST");

    [Theory]
    [MemberData(nameof(VerbsOnLogs))]
    public void Directory_that_holds_no_log_should_be_refused_and_left_empty(string verb)
    {
        Directory.CreateDirectory(Log);
        Run(CompleteArguments(verb, Log)).RequireError(2, $"{Log} holds no log");
        Assert.Empty(Directory.EnumerateFileSystemEntries(Log));
    }

    [Fact]
    public void Directory_above_a_log_should_be_refused_with_the_one_that_is_meant()
    {
        Fill(1);
        Run("inspect", Root).RequireError(2, $"{Root} holds no log", $"{Log} does");
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void File_in_place_of_the_directory_should_be_refused(string verb)
    {
        File.WriteAllText(Log, "");
        Run(CompleteArguments(verb, Log)).RequireError(2, $"{Log} is a file", "name ");
    }

    [Theory]
    [InlineData("inspekt", "there is no verb inspekt, but inspect;")]
    [InlineData("varify", "there is no verb varify, but verify;")]
    [InlineData("zebra", "there is no verb zebra, but inspect, verify")]
    public void Unknown_verb_should_be_refused_with_the_one_that_was_meant(string verb, string expected) =>
        Run(verb, Log).RequireError(2, expected);

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Missing_argument_should_be_refused_with_an_example(string verb) =>
        Run(verb).RequireError(2, "equired", $"(try: {verb} /", $"{verb} --help tells more");

    [Theory]
    [InlineData("--from is a number, and not x (try: dump /", "dump", "--from", "x")]
    [InlineData("--count is a number, and not 1.5 (try: tail /", "tail", "-n", "1.5")]
    [InlineData("--seconds is a number, and not  (try: bench /", "bench", "--seconds", "")]
    public void Option_that_is_no_number_should_be_refused(string expected, string verb, params string[] options) =>
        Run([verb, Log, .. options]).RequireError(2, expected);

    [Fact]
    public void Window_should_be_as_wide_as_a_person_says()
    {
        Assert.Equal(40, OperatorConsole.WindowColumns("40"));
        Assert.Equal(20, OperatorConsole.WindowColumns("1"));
        Assert.Equal(OperatorConsole.WindowColumns(null), OperatorConsole.WindowColumns("wide"));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Unknown_option_should_be_refused(string verb) =>
        Run([.. CompleteArguments(verb, Log), "--nope"]).RequireError(2, $"{verb} has no option --nope (try: ");

    [Theory]
    [InlineData("dump has no option --form, but --from", "dump", "/x", "--form", "1")]
    [InlineData("dump has no option --form, but --from", "dump", "/x", "--form=1")]
    [InlineData("inspect has no option --jsno, but --json", "inspect", "--jsno")]
    [InlineData("compress has no option --alll, but --all", "compress", "/x", "--alll")]
    public void Unknown_option_should_be_refused_with_the_one_that_was_meant(
        string expected, params string[] arguments) =>
        Run(arguments).RequireError(2, expected);

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Help_of_each_verb_should_have_an_example(string verb)
    {
        var help = Run(verb, "--help").RequireFine().Output;
        Assert.Contains("Example:\n", help, StringComparison.Ordinal);
        Assert.Contains($" {verb} /", help, StringComparison.Ordinal);
        Assert.Contains("--json", help, StringComparison.Ordinal);
    }

    [Fact]
    public void Completion_should_tell_verbs_and_options()
    {
        Assert.Equal("verify\n", Run("[suggest:11]", "akkawal ver").RequireFine().Output);
        Assert.Equal("zstd\n", Run("[suggest:27]", "akkawal compress --codec zs").RequireFine().Output);
        Assert.Contains(
            "--json\n", Run("[suggest:19]", "akkawal inspect --j").RequireFine().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Refusal_should_be_json_too_where_that_is_wanted()
    {
        var json = Run("verify", Log, "--json").RequireError(2).Json;
        Assert.Equal($"there is no directory {Log}", json.GetProperty("error").GetString());
        Assert.Equal(2, json.GetProperty("status").GetInt32());
        var wrong = Run("dump", Log, "--from", "x", "--json").RequireError(2).Json;
        Assert.StartsWith("--from is a number", wrong.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Stack_trace_should_be_printed_only_when_it_is_asked_for()
    {
        Assert.DoesNotContain("   at ", Run("inspect", Log).Error, StringComparison.Ordinal);
        Assert.Contains(
            "   at AkkaWal.Node.CommandLine", Run("inspect", Log, "--verbose").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Path_with_control_characters_should_not_reach_the_terminal() =>
        Run("inspect", $"{Log}\e[31m\nx").RequireError(2, $"{Log} [31m x");

    private static string[] CompleteArguments(string verb, string log) => verb switch
    {
        "compress" => [verb, log, "--all"],
        "archive" => [verb, log, "--all", "--to", log + "-archive"],
        "truncate" => [verb, log, "--before", "1"],
        "backup" or "restore" => [verb, log, log + "-copy"],
        _ => [verb, log],
    };
}
