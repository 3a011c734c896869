using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using AkkaWal.Configuration;
using AkkaWal.Node.CommandLine.Health;
using AkkaWal.Node.Output;

namespace AkkaWal.Node.CommandLine;

/// <summary>The operator's command line: finds the verb, runs it, and ends with a status.</summary>
internal static class OperatorTool
{
    private const string Description =
        "A segmented write-ahead log: verbs for operators. Without a verb, or with the verb node, the program is the "
        + "node on standard input and output; --help tells of that.";

    /// <summary>Runs a verb as this process: the first Ctrl-C or SIGTERM stops it in order, the second one at once.</summary>
    public static int RunProcess(string[] arguments)
    {
        using var stopping = new CancellationTokenSource();
        int status = ExitStatus.Interrupted;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, ExitStatus.Interrupted));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, ExitStatus.Terminated));
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
            int status = Parse(arguments, console);
            console.Flush();
            return status;
        }
        catch (IOException e) when (e.HResult == DescriptorStream.BrokenPipe)
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
        // A path may begin with @, which would name a file of further arguments.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is not null && parsed.Errors.Count > 0 && !parsed.Action.ClearsParseErrors)
        {
            console.Note(Explain(root, parsed, arguments[0]));
            return ExitStatus.Refused;
        }

        using var output = new StringWriter();
        int status = parsed.Invoke(
            new InvocationConfiguration { Output = output, Error = output, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        console.Write(output.ToString());
        return status;
    }

    private static RootCommand RootOf(OperatorConsole console)
    {
        var root = new RootCommand(Description)
        {
            new InspectVerb(console),
            new VerifyVerb(console),
        };
        // What people name a link to the program, or an alias; completion finds the verb behind it.
        root.Aliases.Add("akkawal");
        // The program's --version is the node's: nothing that begins with a hyphen comes first here.
        root.Options.Remove(root.Options.OfType<VersionOption>().Single());
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExample((HelpAction)help.Action!, console.Columns);
        return root;
    }

    private static string Explain(RootCommand root, ParseResult parsed, string first)
    {
        if (parsed.CommandResult.Command is Verb verb)
            return $"{parsed.Errors[0].Message} For example: {root.Name} {verb.Example}; {verb.Name} --help tells more";
        string said = OperatorConsole.OneLine(first);
        List<string> names = [.. root.Subcommands.Select(command => command.Name), "node"];
        return NearNames.Find(said, names) is { } near
            ? $"there is no verb {said}, but {near}; {near} --help tells of it"
            : $"there is no verb {said}, but {string.Join(", ", names)}; --help after one tells of it";
    }

    /// <summary>Help as the package writes it, and an example behind it.</summary>
    private sealed class HelpWithExample(HelpAction help, int columns) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            help.MaxWidth = columns;
            int status = help.Invoke(parseResult);
            if (parseResult.CommandResult.Command is Verb verb)
                parseResult.InvocationConfiguration.Output.WriteLine(
                    $"Example:\n  {parseResult.RootCommandResult.Command.Name} {verb.Example}");
            return status;
        }
    }
}
