namespace AkkaWal.Node.CommandLine;

/// <summary>A verb ends here, for a reason that a person understands.</summary>
internal sealed class VerbException(string message, string hint, int status, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>What to do about it; "" where the message says all.</summary>
    public string Hint { get; } = hint;

    /// <summary>One of <see cref="ExitStatus"/>.</summary>
    public int Status { get; } = status;

    /// <summary>Nothing was begun.</summary>
    public static VerbException Refused(string message, string hint = "", Exception? inner = null) =>
        new(message, hint, ExitStatus.Refused, inner);
}
