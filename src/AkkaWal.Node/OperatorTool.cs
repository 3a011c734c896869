using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using AkkaWal.Node.CommandLine;
using AkkaWal.Node.CommandLine.Health;
using AkkaWal.Node.CommandLine.Records;
using AkkaWal.Node.CommandLine.Segments;
using AkkaWal.Node.Output;

namespace AkkaWal.Node;

/// <summary>The operator's command line: finds the verb, runs it and returns an exit status.</summary>
internal static class OperatorTool
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
            console.Note($"standard output can't be written: {e.Message}");
            return ExitStatus.Fault;
        }
    }

    private static int Parse(string[] arguments, OperatorConsole console)
    {
        var root = RootOf(console);
        // No response files: a path may begin with @.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (ArgumentCheck.Problem(root, parsed, arguments[0]) is { } problem)
        {
            if (arguments.Contains("--json"))
                console.Write(Report.Error(problem.Message, problem.Hint, problem.Status));
            console.Note($"{problem.Message}; {problem.Hint}");
            return problem.Status;
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
            // These two never come here. Completion and refusals name them.
            new Command("node", "Run the node"),
            new Command("help", "Tell of all verbs, or of one"),
        };
        // Help and completion use this name as well.
        root.Aliases.Add(Name);
        // The verbs have no --version of their own: an argument that begins with a hyphen starts the node.
        root.Options.Remove(root.Options.OfType<VersionOption>().Single());
        var help = root.Options.OfType<HelpOption>().Single();
        // A directory may be named /h, and a question mark is for the shell.
        foreach (var alias in (string[])["/h", "/?", "-?"]) help.Aliases.Remove(alias);
        help.Action = new HelpWithExample((HelpAction)help.Action!, console.Columns);
        return root;
    }

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
