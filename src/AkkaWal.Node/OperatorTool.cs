using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using AkkaWal.Configuration;
using AkkaWal.Node.CommandLine;
using AkkaWal.Node.CommandLine.Health;
using AkkaWal.Node.CommandLine.Records;
using AkkaWal.Node.CommandLine.Segments;
using AkkaWal.Node.Output;

namespace AkkaWal.Node;

/// <summary>The operator's command line: finds the verb, runs it and returns an exit status.</summary>
internal static partial class OperatorTool
{
    /// <summary>The program's name in docs/COMMANDS.md.</summary>
    private const string Name = "akkawal";

    private const string Description =
        "A segmented write-ahead log: verbs for operators. Without a verb, or with the verb node, the program is the "
        + "node on standard input and output; --help tells of that.";

    /// <summary>
    /// Runs a verb as this process. The first Ctrl-C or SIGTERM stops it in order, the second one at once.
    /// </summary>
    public static int RunProcess(string[] arguments)
    {
        using var stopping = new CancellationTokenSource();
        var status = ExitStatus.Interrupted;
        using var interrupt = PosixSignalRegistration.Create(
            PosixSignal.SIGINT, context => Stop(context, ExitStatus.Interrupted));
        using var terminate = PosixSignalRegistration.Create(
            PosixSignal.SIGTERM, context => Stop(context, ExitStatus.Terminated));
        return Run(arguments, OperatorConsole.OfProcess(() => status, stopping.Token));

        void Stop(PosixSignalContext context, int toStatus)
        {
            if (stopping.IsCancellationRequested) return;
            context.Cancel = true;
            status = toStatus;
            stopping.Cancel();
        }
    }

    /// <summary>Runs a verb.</summary>
    /// <returns>The exit status.</returns>
    public static int Run(string[] arguments, OperatorConsole console)
    {
        try
        {
            var status = Parse(arguments, console);
            console.Flush();
            return status;
        }
        catch (IOException e) when (e.HResult == StandardStream.BrokenPipe)
        {
            return ExitStatus.ReaderGone;
        }
        catch (IOException e)
        {
            console.Note($"standard input or output failed: {e.Message}");
            return ExitStatus.Fault;
        }
    }

    private static int Parse(string[] arguments, OperatorConsole console)
    {
        var root = RootOf(console);
        // No response files: a path may begin with @.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is not { ClearsParseErrors: true } && Problem(root, parsed, arguments[0]) is { } problem)
        {
            if (arguments.Contains("--json")) console.Write(Report.Error(problem, "", ExitStatus.Refused));
            console.Note(problem);
            return ExitStatus.Refused;
        }

        using var output = new StringWriter();
        var status = parsed.Invoke(new InvocationConfiguration
        {
            Output = output, Error = output, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
        });
        console.Write(output.ToString());
        return status;
    }

    private static RootCommand RootOf(OperatorConsole console)
    {
        var root = new RootCommand(Description)
        {
            new InspectVerb(console),
            new VerifyVerb(console),
            new RepairVerb(console),
            new DumpVerb(console),
            new TailVerb(console),
            new AppendVerb(console),
            new CompressVerb(console),
            new ArchiveVerb(console),
            new TruncateVerb(console),
            new BackupVerb(console),
            new RestoreVerb(console),
            new BenchVerb(console),
        };
        // Help and completion use this name as well.
        root.Aliases.Add(Name);
        // The verbs have no --version of their own: an argument that begins with a hyphen starts the node.
        root.Options.Remove(root.Options.OfType<VersionOption>().Single());
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExample((HelpAction)help.Action!, console.Columns);
        return root;
    }

    // What is wrong with the arguments; null if nothing is.
    private static string? Problem(RootCommand root, ParseResult parsed, string first)
    {
        if (parsed.CommandResult.Command is not Verb verb) return UnknownVerb(root, first);
        var problem = UnknownOption(verb, parsed) ?? (parsed.Errors is [var error, ..] ? Told(error) : null);
        return problem is null ? null : $"{problem} (try: {verb.Example}); {verb.Name} --help tells more";
    }

    // The package names a type of .NET. All values that it parses are numbers.
    private static string Told(ParseError error) => NoNumber().Match(error.Message) is { Success: true } found
        ? $"{found.Groups["option"].Value} is a number, and not {found.Groups["said"].Value}"
        : error.Message.TrimEnd('.');

    private static string UnknownVerb(RootCommand root, string first)
    {
        var said = OperatorConsole.OneLine(first);
        List<string> names = [.. root.Subcommands.Select(command => command.Name), "node"];
        return NearNames.Find(said, names) is { } near
            ? $"there is no verb {said}, but {near}; {near} --help tells of it"
            : $"there is no verb {said}, but {string.Join(", ", names)}; --help after one tells of it";
    }

    // The parser takes an unknown option for an argument if the verb has room for one. So a path that begins with a
    // hyphen must come after -- or begin with ./ instead.
    private static string? UnknownOption(Verb verb, ParseResult parsed)
    {
        var said = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .FirstOrDefault(token => token.Type == TokenType.Argument && token.Value is ['-', _, ..]
                && !long.TryParse(token.Value, out _))
            ?.Value;
        if (said is null) return null;
        var name = OperatorConsole.OneLine(said.Split('=')[0]);
        return NearNames.Find(name, verb.Options.Select(option => option.Name)) is { } near
            ? $"{verb.Name} has no option {name}, but {near}"
            : $"{verb.Name} has no option {name}";
    }

    [GeneratedRegex("^Cannot parse argument '(?<said>.*)' for option '(?<option>.*)' as expected type")]
    private static partial Regex NoNumber();

    /// <summary>The package's help, followed by an example.</summary>
    private sealed class HelpWithExample(HelpAction help, int columns) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            help.MaxWidth = columns;
            var status = help.Invoke(parseResult);
            if (parseResult.CommandResult.Command is Verb verb)
                parseResult.InvocationConfiguration.Output.WriteLine(
                    $"Example:\n  {Name} {verb.Example}");
            return status;
        }
    }
}
