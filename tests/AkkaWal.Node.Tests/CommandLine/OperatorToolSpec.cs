using AkkaWal.Node.CommandLine;
using AkkaWal.Storage;

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
        Run(CompleteArguments(verb, Log)).RequireError(
            2, $"there is no directory {Log}; ", verb == "append" ? "--create makes a log there" : "MANIFEST");

    [Theory]
    [MemberData(nameof(VerbsOnLogs))]
    public void Directory_that_holds_no_log_should_be_refused_and_left_empty(string verb)
    {
        Directory.CreateDirectory(Log);
        Run(CompleteArguments(verb, Log)).RequireError(2, $"{Log} holds no log");
        Assert.Empty(Directory.EnumerateFileSystemEntries(Log));
    }

    [Theory]
    [InlineData(WalIOCause.NoDescriptors, "ulimit")]
    [InlineData(WalIOCause.NotSupported, "ext4")]
    public void Hint_should_be_that_of_the_platform(WalIOCause cause, string ofLinux)
    {
        Assert.Contains(ofLinux, Verb.HintOf(cause, isLinux: true), StringComparison.Ordinal);
        Assert.DoesNotContain(ofLinux, Verb.HintOf(cause, isLinux: false), StringComparison.Ordinal);
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
        Run(verb).RequireError(2, $"{verb} needs ", $"; try: {verb} /", $"{verb} --help tells more");

    [Theory]
    [InlineData("--from is a whole number, and not x; try: dump /", "dump", "--from", "x")]
    [InlineData("-n is a whole number, and not 1.5; try: tail /", "tail", "-n", "1.5")]
    [InlineData("--seconds is a whole number, and not empty; try: bench /", "bench", "--seconds", "")]
    public void Option_that_is_no_number_should_be_refused(string expected, string verb, params string[] options) =>
        Run([verb, Log, .. options]).RequireError(2, expected);

    [Theory]
    [InlineData("verify needs DIR", "verify")]
    [InlineData("backup needs DEST", "backup", "/x")]
    [InlineData("archive needs --to ARCHIVE", "archive", "/x", "--all")]
    [InlineData("truncate needs --before OFFSET", "truncate", "/x")]
    [InlineData("verify takes no argument more", "verify", "/x", "more")]
    [InlineData("--archive wants a value", "verify", "/x", "--archive")]
    [InlineData("--from is given more than once", "dump", "/x", "--from", "1", "--from", "2")]
    [InlineData("--from is at most 9223372036854775807, and not 9999999999999999999", "dump", "/x", "--from",
        "9999999999999999999")]
    [InlineData("--codec is brotli, lz4 or zstd, and not rar", "compress", "/x", "--codec", "rar")]
    public void Wrong_argument_should_be_named_on_one_line_of_text_and_json(string expected, params string[] arguments)
    {
        var json = Run([.. arguments, "--json"]).RequireError(2, $"akkawal: {expected}; try: {arguments[0]} /").Json;
        Assert.Equal(expected, json.GetProperty("error").GetString());
        Assert.StartsWith("try: ", json.GetProperty("hint").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Number_that_is_too_large_for_32_bits_should_be_one_all_the_same()
    {
        Fill(1);
        Assert.Equal("0\trecord-000\n", Run("tail", Log, "-n", "99999999999").RequireFine().Output);
        Run("bench", Log, "--seconds", "99999999999").RequireError(2, "--seconds is 1 to 60, and not 99999999999");
    }

    [Fact]
    public void Help_of_a_verb_that_there_is_not_should_be_refused() =>
        Run("vrify", "--help").RequireError(2, "there is no verb vrify, but verify");

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
        Run([.. CompleteArguments(verb, Log), "--nope"]).RequireError(
            2, $"{verb} has no option --nope; try: {verb} /");

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

    [Theory]
    [InlineData("/h")]
    [InlineData("/?")]
    public void Path_should_not_be_taken_for_a_wish_for_help(string path) =>
        Run("inspect", path).RequireError(2, $"there is no directory {path}");

    [Fact]
    public void Completion_should_tell_verbs_and_options()
    {
        Assert.Equal("verify\n", Run("[suggest:11]", "akkawal ver").RequireFine().Output);
        Assert.Equal("node\n", Run("[suggest:10]", "akkawal no").RequireFine().Output);
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
        Assert.StartsWith("--from is a whole number", wrong.GetProperty("error").GetString(), StringComparison.Ordinal);
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
