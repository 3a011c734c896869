using System.Text.RegularExpressions;
using AkkaWal.Node.Tests.CommandLine;
using AkkaWal.Tests.House;

namespace AkkaWal.Node.Tests.Documents;

/// <summary>The commands in the documents give the output that the documents show.</summary>
public sealed partial class DocumentCommandsSpec : VerbSpec
{
    private const string FirstProgram = "builds; FirstProgramSpec runs it with the packages that were just packed";

    /// <summary>Commands that do not run here, and why.</summary>
    private static readonly Dictionary<string, string> NotRun = new()
    {
        ["dotnet build"] = "builds what is being tested",
        ["dotnet test"] = "is the run that this spec is part of",
        ["dotnet test tests/AkkaWal.Storage.Tests --filter FullyQualifiedName~ScanSpec"] = "is part of that run",
        ["AKKAWAL_SEED=4711 dotnet test tests/AkkaWal.Crash.Tests --filter Suite=PowerCuts"] = "is part of that run",
        ["AKKAWAL_KAFKA_OPERATIONS=20000 dotnet test -c Release tests/AkkaWal.Node.Tests --filter KafkaWorkload "
            + "--logger \"console;verbosity=detailed\""] = "is part of that run, and builds",
        ["dotnet run --project src/AkkaWal.Node -c Release < src/AkkaWal.Node/samples/tour.jsonl"] =
            "builds; ConversationSpec gives the built program the same input",
        ["dotnet run --project src/AkkaWal.Example -- --Shop:Orders 1000"] = "builds",
        ["dotnet run --project src/AkkaWal.Cluster.Example -- run --seconds 20 --disturb kill"] =
            "builds; the specs of processes in AkkaWal.Cluster.Tests do the same",
        ["AkkaWal.Cluster.Example node --host 10.0.0.1 --port 4053 --root /mnt/orders "
            + "--seed 10.0.0.1:4053,10.0.0.2:4053"] =
            "needs these addresses; the specs of processes in AkkaWal.Cluster.Tests start such nodes on one machine",
        ["AKKAWAL_CLUSTER_ROUNDS=50 dotnet test tests/AkkaWal.Cluster.Tests --filter Suite=Processes"] =
            "takes hours; with one round it is part of that run",
        ["ln -s \"$PWD/artifacts/bin/AkkaWal.Node/release/AkkaWal.Node\" ~/bin/akkawal"] =
            "changes the home of whoever runs the tests; every other example runs over such a link",
        ["dotnet pack -c Release -o packages"] = "builds; PackageSpec packs the same",
        ["dotnet nuget add source \"$PWD/packages\" --name akkawal"] = FirstProgram,
        ["dotnet new worker -o ../shop"] = FirstProgram,
        ["dotnet add ../shop package AkkaWal.Hosting"] = FirstProgram,
        ["cd ../shop && dotnet run"] = FirstProgram,
        ["dotnet pack src/AkkaWal.Node -c Release -o packages"] = "builds; PackageSpec packs it",
        ["dotnet tool install AkkaWal.Node --add-source packages --tool-path ~/bin"] =
            "changes the home of whoever runs the tests; PackageSpec installs it elsewhere",
        ["dotnet publish src/AkkaWal.Node -c Release -r linux-x64 --self-contained -p:PublishSingleFile=true -o single"]
            = "builds; SingleFileSpec does the same in Debug",
        ["dotnet publish src/AkkaWal.Node -c Release -o /tmp/akkawal"] = "builds",
        ["./maelstrom test -w echo --bin /tmp/akkawal/AkkaWal.Node --node-count 1 --time-limit 10"] =
            "needs Maelstrom, and Java; HostileInputSpec and StdioBridgeSpec send an echo",
        ["./maelstrom test -w kafka --bin /tmp/akkawal/AkkaWal.Node --node-count 1 --concurrency 2n "
            + "--time-limit 20 --rate 1000"] = "needs Maelstrom, and Java; KafkaWorkloadSpec has such a load",
        ["dotnet run -c Release --project tests/AkkaWal.Benchmarks -- run --dir /var/tmp --out results.tsv"] =
            "takes an hour; AkkaWal.Benchmarks.Tests runs each workload",
        ["dotnet run -c Release --project tests/AkkaWal.Benchmarks -- plot results.tsv --out docs/benchmarks"] =
            "needs the results of that hour",
        ["dotnet run -c Release --project tests/AkkaWal.Benchmarks -- run --only ownership-check --dir /var/tmp"] =
            "takes minutes",
        ["dotnet run -c Release --project tests/AkkaWal.Benchmarks -- run --only telemetry --dir /var/tmp"] =
            "takes minutes",
    };

    public static TheoryData<string> Documents() =>
        [.. Files().Where(file => CommandsOf(file).Any(command => !NotRun.ContainsKey(command.Text)))];

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Commands_should_do_what_the_document_says(string document)
    {
        using var run = new DocumentRun();
        List<string> differences = [];
        foreach (var command in CommandsOf(document).Where(command => !NotRun.ContainsKey(command.Text)))
            differences.Add(await run.Compare(command));
        differences.RemoveAll(static difference => difference.Length == 0);
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Fact]
    public void What_does_not_run_should_be_in_some_document() =>
        Assert.Empty(NotRun.Keys.Except(Files().SelectMany(CommandsOf).Select(command => command.Text)));

    // Commands elsewhere would not be tested.
    [Fact]
    public void Commands_should_be_in_blocks_that_are_run() => Assert.Empty(
        from file in Files()
        from line in File.ReadLines(Path.Combine(Checkout.Root, file))
        where IndentedCommand().IsMatch(line)
        select $"{file}: {line}");

    [Fact]
    public void Commands_in_sentences_should_have_arguments_that_the_verbs_take() => Assert.Empty(
        from file in Files()
        from span in InlineCommand().Matches(File.ReadAllText(Path.Combine(Checkout.Root, file)))
        let arguments = Argument().Replace(span.Groups["arguments"].Value, Filled).Split(' ')
        let outcome = Run(arguments)
        where WrongArguments().IsMatch(outcome.Error)
        select $"{file}: {span.Value}: {outcome.Error}");

    [Fact]
    public async Task Replies_in_the_readme_should_be_those_of_the_tour()
    {
        var printed = await File.ReadAllLinesAsync(
            Path.Combine(AppContext.BaseDirectory, "samples", "tour.out.jsonl"));
        var shown = File.ReadLines(Path.Combine(Checkout.Root, "README.md"))
            .Where(line => line.StartsWith("    {\"type\"", StringComparison.Ordinal))
            .Select(line => line.Trim()).ToList();
        Assert.NotEmpty(shown);
        Assert.All(shown, reply => Assert.Contains(printed, line => DocumentCommand.IsAsShown(
            [$"{{\"src\": \"n1\", \"dest\": \"...\", \"body\": {reply}...}}"], [line])));
    }

    private static IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Checkout.Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Checkout.Root, "docs"), "*.md"))
            .Select(file => Path.GetRelativePath(Checkout.Root, file)).Order(StringComparer.Ordinal);

    private static IEnumerable<DocumentCommand> CommandsOf(string document) =>
        DocumentCommand.In(document, File.ReadAllLines(Path.Combine(Checkout.Root, document)));

    // A word in capitals stands for a value of the reader's.
    private static string Filled(Match name) => name.Value switch
    {
        "OFFSET" or "N" => "1",
        "REPAIR" => "cut-tail",
        _ => "/nowhere",
    };

    [GeneratedRegex(@"^ {4,}(dotnet|akkawal|AkkaWal\.[A-Z]|\./|ln |[A-Z_]+=\S+ dotnet)")]
    private static partial Regex IndentedCommand();

    [GeneratedRegex(
        @"(?<!`)`(AkkaWal\.Node |akkawal )?(?<arguments>(inspect|verify|repair|dump|tail|append|compress|archive"
        + @"|truncate|backup|restore|bench) [A-Z][A-Z]+[^`\n]*)`")]
    private static partial Regex InlineCommand();

    [GeneratedRegex("has no option|nrecognized|not recognized|annot parse|there is no verb")]
    private static partial Regex WrongArguments();

    [GeneratedRegex(@"\b[A-Z]+\b")]
    private static partial Regex Argument();
}
