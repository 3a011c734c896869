using System.CommandLine;
using AkkaWal.Node.Output;
using AkkaWal.Storage;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Node.CommandLine;

/// <summary>
/// One verb of the operator's command line: its arguments, and a thin layer above the library. A failure prints one
/// line on standard error and sets the exit status.
/// </summary>
internal abstract class Verb : Command
{
    private const string ArchiveName = "--archive";

    private readonly OperatorConsole _console;

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Print the stack trace of an error" };

    protected Verb(
        OperatorConsole console, string name, string description, string example, Argument<string>? directory = null)
        : base(name, description)
    {
        (_console, Example) = (console, example);
        LogDirectory = directory ?? LogArgument();
        Arguments.Add(LogDirectory);
        Options.Add(_json);
        Options.Add(_verbose);
        SetAction(Execute);
    }

    /// <summary>An example of the arguments, for the help.</summary>
    public string Example { get; }

    /// <summary>The argument with the log's directory.</summary>
    protected Argument<string> LogDirectory { get; }

    /// <summary>The argument of most verbs.</summary>
    protected static Argument<string> LogArgument() =>
        new("DIR") { Description = "The log's directory: the one that holds MANIFEST" };

    /// <summary>An option for verbs that read or delete segments in an archive.</summary>
    protected static Option<string> ArchiveOption() => new(ArchiveName)
    {
        HelpName = "ARCHIVE", Description = "The directory with the log's archived segments",
    };

    /// <summary>Whether <see cref="VerbRun.HasBegun"/> means that the log may have changed.</summary>
    protected virtual bool ChangesLog => true;

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
            return Fail(run, e, TextOf(run, e), e.Hint, e.Status);
        }
        catch (WalLockedException e)
        {
            return Fail(
                run, e, e.Message,
                "stop it, or use inspect, verify, dump, tail or backup", ExitStatus.Refused);
        }
        catch (WalOutcomeUnknownException e)
        {
            return Fail(run, e, TextOf(run, e), "", ExitStatus.Fault);
        }
        catch (WalFaultException e)
        {
            var hint = run.Holds(e.Path) ? run.FaultHint : "";
            return Fail(run, e, TextOf(run, e), hint, run.FailureStatus);
        }
        catch (WalIOException e)
        {
            return Fail(run, e, TextOf(run, e), HintOf(e), run.FailureStatus);
        }
        catch (Exception e) when (e is WalException or ArgumentException or InvalidOperationException)
        {
            var status = e is InvalidOperationException ? ExitStatus.Fault : run.FailureStatus;
            return Fail(run, e, TextOf(run, e), "", status);
        }
        catch (IOException e) when (e.HResult != StandardStream.BrokenPipe && ChangesLog && run.HasBegun)
        {
            // Where the result can't be told, a person still learns what was done.
            throw new IOException($"{e.Message}; {run.WhatWasDone()}", e);
        }
        catch (Exception e) when (e is not IOException)
        {
            var message = e is OutOfMemoryException
                ? "there is too little memory"
                : $"unexpected {e.GetType().Name}: {e.Message}";
            return Fail(run, e, message, "--verbose shows where", ExitStatus.Fault);
        }
    }

    private string HintOf(WalIOException e)
    {
        if (e.Path == SegmentFiles.ArchivePath || e.Operation == DirectoryArchive.ReachOperation)
            return Options.Any(option => option.Name == ArchiveName)
                ? $"{ArchiveName} names its directory"
                : "the log has an archive already: name its directory";
        return HintOf(e.Cause, OperatingSystem.IsLinux());
    }

    /// <summary>What to do about a failure of the platform; "" if nothing is known.</summary>
    internal static string HintOf(WalIOCause cause, bool isLinux) => cause switch
    {
        WalIOCause.NoRoom => "make room, or raise the quota",
        WalIOCause.NoDescriptors when isLinux => "raise the limit of open files (ulimit -n)",
        WalIOCause.NoDescriptors => "close other programs: too many files are open",
        WalIOCause.NoMemory => "give the machine or the container more memory",
        WalIOCause.NotPermitted => "run it as a user who may do that",
        WalIOCause.ReadOnlyFileSystem => "mount the file system for writing",
        WalIOCause.NotSupported when isLinux => "use ext4 or xfs",
        _ => "",
    };

    private static string TextOf(VerbRun run, Exception e)
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
