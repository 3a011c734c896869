namespace AkkaWal.Node.CommandLine;

/// <summary>Ends a verb with a message for operators.</summary>
internal sealed class VerbException(string message, string hint, int status, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>What to do about it; "" if the message says it.</summary>
    public string Hint { get; } = hint;

    /// <summary>One of <see cref="ExitStatus"/>.</summary>
    public int Status { get; } = status;

    /// <summary>The verb was refused before it began.</summary>
    public static VerbException Refused(string message, string hint = "", Exception? inner = null) =>
        new(message, hint, ExitStatus.Refused, inner);
}
