using System.Runtime.CompilerServices;
using AkkaWal.Node.Output;
using AkkaWal.Node.Startup;

namespace AkkaWal.Node;

/// <summary>
/// The process. It runs the node on standard input and output, or a verb of the operator's command line if the first
/// argument is a word.
/// </summary>
internal static class Program
{
    private const int UsageError = 2;
    private const string NodeVerb = "node", HelpVerb = "help";

    private static int Main(string[] arguments)
    {
        // Decided before the command line's code is used: a start of the node must not load its packages.
        return arguments switch
        {
            [] or ["", ..] or [['-', ..], ..] => RunNode(arguments),
            [NodeVerb, ..] => RunNode(arguments[1..]),
            [HelpVerb] or [HelpVerb, NodeVerb or HelpVerb, ..] or [HelpVerb, ['-', ..], ..] => RunNode(["--help"]),
            [HelpVerb, var verb, ..] => RunVerb([verb, "--help"]),
            _ => RunVerb(arguments),
        };
    }

    private static int RunNode(string[] arguments)
    {
        HeadStart.Begin();
        var output = StandardStream.Open(1);
        var notes = new Notes(StandardStream.Open(2));
        Console.SetOut(new NotesTextWriter(notes));

        var said = NodeArguments.Parse(arguments, Environment.GetEnvironmentVariable);
        if (said.WantsHelp) return Print(output, HelpText.Text);
        if (said.WantsVersion)
            return Print(output, $"AkkaWal.Node {typeof(Program).Assembly.GetName().Version?.ToString(3)}\n");
        if (said.Problem is { } problem) return Refuse(notes, $"{problem}; --help says what there is");

        try
        {
            var config = NodeConfig.Read(said);
            foreach (var remark in config.Remarks) notes.Write(remark);
            return new NodeProcess(config.Config, config.Wal, config.Node, notes).Run(StandardStream.Open(0), output);
        }
        catch (WalConfigException e)
        {
            return Refuse(notes, e.Message);
        }
    }

    // Not inlined, so that a start of the node does not load the types in this method.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int RunVerb(string[] arguments) => OperatorTool.RunProcess(arguments);

    private static int Print(Stream output, string text)
    {
        output.Write(System.Text.Encoding.UTF8.GetBytes(text));
        return 0;
    }

    private static int Refuse(Notes notes, string problem)
    {
        notes.Write(problem);
        notes.Flush(TimeSpan.FromSeconds(1));
        return UsageError;
    }
}
