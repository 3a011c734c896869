using AkkaWal.Node.Output;
using AkkaWal.Node.Startup;

namespace AkkaWal.Node;

/// <summary>The node's process: takes standard output for its replies before anything else can print there.</summary>
internal static class Program
{
    private const int UsageError = 2;

    private static int Main(string[] arguments)
    {
        HeadStart.Begin();
        var output = new DescriptorStream(1);
        var notes = new Notes(new DescriptorStream(2));
        Console.SetOut(new NotesTextWriter(notes));

        var commandLine = CommandLine.Parse(arguments, Environment.GetEnvironmentVariable);
        if (commandLine.WantsHelp) return Print(output, HelpText.Text);
        if (commandLine.WantsVersion) return Print(output, $"AkkaWal.Node {typeof(Program).Assembly.GetName().Version?.ToString(3)}\n");
        if (commandLine.Problem is { } problem) return Refuse(notes, $"{problem}; --help says what there is");

        try
        {
            var config = NodeConfig.Read(commandLine);
            foreach (string remark in config.Remarks) notes.Write(remark);
            return new NodeProcess(config.Config, config.Wal, config.Node, notes).Run(new DescriptorStream(0), output);
        }
        catch (WalConfigException e)
        {
            return Refuse(notes, e.Message);
        }
    }

    private static int Print(DescriptorStream output, string text)
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
