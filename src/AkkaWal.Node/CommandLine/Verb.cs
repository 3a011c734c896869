using System.CommandLine;
using AkkaWal.Storage;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Node.CommandLine;

/// <summary>
/// One verb of the operator's command line: its arguments, and a thin layer above the library. A failure prints one
/// line on standard error and sets the exit status.
/// </summary>
internal abstract class Verb : Command
{
    private readonly OperatorConsole _console;

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Print the stack trace of an error" };

    protected Verb(
        OperatorConsole console, string name, string description, string example,
        string directory = "The log's directory: the one that holds MANIFEST") : base(name, description)
    {
        (_console, Example) = (console, example);
        LogDirectory = new Argument<string>("DIR") { Description = directory };
        Arguments.Add(LogDirectory);
        Options.Add(_json);
        Options.Add(_verbose);
        SetAction(Execute);
    }

    /// <summary>An example of the arguments, for the help.</summary>
    public string Example { get; }

    /// <summary>The argument with the log's directory.</summary>
    protected Argument<string> LogDirectory { get; }

    /// <summary>An option for verbs that read or delete segments in an archive.</summary>
    protected static Option<string> ArchiveOption() => new("--archive")
    {
        HelpName = "ARCHIVE", Description = "The directory with the log's archived segments",
    };

    /// <summary>Carries out the verb.</summary>
    /// <returns>The exit status.</returns>
    protected abstract int Run(VerbRun run);

    private int Execute(ParseResult arguments)
    {
        var directory = arguments.GetRequiredValue(LogDirectory);
        var run = new VerbRun(_console, arguments, arguments.GetValue(_json), directory);
        try
        {
            run.ResolveDirectory();
            var status = Run(run);
            _console.Flush();
            return status;
        }
        catch (OperationCanceledException e)
        {
            return Fail(run, e, $"interrupted: {run.WhatWasDone()}", "", _console.StoppedStatus());
        }
        catch (VerbException e)
        {
            return Fail(run, e, Told(run, e), e.Hint, e.Status);
        }
        catch (WalLockedException e)
        {
            return Fail(
                run, e, e.Message,
                "stop it, or use inspect, verify, dump, tail or backup", ExitStatus.Refused);
        }
        catch (WalOutcomeUnknownException e)
        {
            return Fail(run, e, Told(run, e), "", ExitStatus.Fault);
        }
        catch (WalFaultException e)
        {
            var hint = run.Holds(e.Path) ? $"verify {run.Directory} tells all that is wrong" : "";
            return Fail(run, e, Told(run, e), hint, run.FailureStatus);
        }
        catch (WalIOException e) when (e.Path == SegmentFiles.ArchivePath)
        {
            return Fail(run, e, Told(run, e), "--archive names its directory", run.FailureStatus);
        }
        catch (Exception e) when (e is WalException or ArgumentException or InvalidOperationException)
        {
            var status = e is InvalidOperationException ? ExitStatus.Fault : run.FailureStatus;
            return Fail(run, e, Told(run, e), "", status);
        }
        catch (Exception e) when (e is not (IOException or OutOfMemoryException))
        {
            var message = $"unexpected {e.GetType().Name}: {e.Message}";
            return Fail(run, e, message, "--verbose shows where", ExitStatus.Fault);
        }
    }

    private static string Told(VerbRun run, Exception e)
    {
        var said = e is ArgumentException argument ? WithoutParameter(argument) : e.Message;
        var message = RepairNames.ToCommands(said);
        return run.HasBegun ? $"{message}; {run.WhatWasDone()}" : message;
    }

    // Removes the parameter's name, which the runtime appends and which means nothing to operators.
    private static string WithoutParameter(ArgumentException e) => e.ParamName is { } name
        ? e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
        : e.Message;

    private int Fail(VerbRun run, Exception cause, string message, string hint, int status)
    {
        if (run.IsJson) _console.Write(Report.Error(message, hint, status));
        _console.Flush();
        _console.Note(hint.Length == 0 ? message : $"{message}; {hint}");
        if (run.Arguments.GetValue(_verbose)) _console.WriteError($"{cause}\n");
        return status;
    }
}
