namespace AkkaWal.Node.CommandLine;

/// <summary>What the process tells a script that ran a verb. docs/COMMANDS.md has the same table.</summary>
internal static class ExitStatus
{
    /// <summary>All is well, and all of it was done.</summary>
    public const int Fine = 0;

    /// <summary>Faults were found, or something that was begun was not finished.</summary>
    public const int Fault = 1;

    /// <summary>Wrong arguments, or the log could not be opened: nothing was changed.</summary>
    public const int Refused = 2;

    /// <summary>SIGINT ended it: 128 and the signal's number, as shells say it.</summary>
    public const int Interrupted = 130;

    /// <summary>Nobody reads standard output any more: as if SIGPIPE had ended it.</summary>
    public const int ReaderGone = 141;

    /// <summary>SIGTERM ended it.</summary>
    public const int Terminated = 143;
}
