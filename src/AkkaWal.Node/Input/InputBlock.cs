using Akka.Actor;

namespace AkkaWal.Node.Input;

/// <summary>Whole lines of standard input. The bytes belong to the block and are never overwritten.</summary>
/// <param name="Lines">The lines, each with its line feed; the last line of the input may have none.</param>
/// <param name="FirstLineNumber">The number of the first line, counted from 1.</param>
/// <param name="StartPosition">The byte of the input at which the first line starts.</param>
/// <param name="ReadAt">When they were read, by the bridge's clock.</param>
internal sealed record InputBlock(ReadOnlyMemory<byte> Lines, long FirstLineNumber, long StartPosition, long ReadAt)
    : INoSerializationVerificationNeeded
{
    /// <summary>
    /// Whether it stands for one line that was longer than the limit, and holds the result of <see cref="LineHead"/>.
    /// </summary>
    public bool IsHead { get; init; }
}

/// <summary>The input has ended, and every block was sent.</summary>
/// <param name="Problem">Why it could not be read on; null at its regular end.</param>
internal sealed record InputEnded(string? Problem) : INoSerializationVerificationNeeded;
