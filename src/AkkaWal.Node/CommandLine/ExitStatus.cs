namespace AkkaWal.Node.CommandLine;

/// <summary>The exit statuses of the verbs. docs/COMMANDS.md has the same table.</summary>
internal static class ExitStatus
{
    /// <summary>Everything was done, and no fault was found.</summary>
    public const int Fine = 0;

    /// <summary>Faults were found, or work that was begun was not finished.</summary>
    public const int Fault = 1;

    /// <summary>Wrong arguments, or the log could not be opened: nothing was changed.</summary>
    public const int Refused = 2;

    /// <summary>SIGINT ended the verb: 128 plus the signal's number, as in shells.</summary>
    public const int Interrupted = 130;

    /// <summary>Standard output has no reader any more, as if SIGPIPE had ended the verb.</summary>
    public const int ReaderGone = 141;

    /// <summary>SIGTERM ended the verb.</summary>
    public const int Terminated = 143;
}
