using Akka.Actor;

namespace AkkaWal.Node.Input;

/// <summary>Whole lines of standard input, in one message. The bytes belong to it and are never written again.</summary>
/// <param name="Lines">The lines, each with its line feed but for the input's last one, which may have none.</param>
/// <param name="FirstLineNumber">The number of the first line, counted from 1.</param>
/// <param name="StartPosition">The byte of the input at which the first line starts.</param>
/// <param name="ReadAt">When they were read, by the bridge's clock.</param>
internal sealed record InputBlock(ReadOnlyMemory<byte> Lines, long FirstLineNumber, long StartPosition, long ReadAt)
    : INoSerializationVerificationNeeded
{
    /// <summary>Whether it is what <see cref="LineHead"/> tells of one line, which was longer than any may
    /// be.</summary>
    public bool IsHead { get; init; }
}

/// <summary>The input has ended, and every block was sent. A problem is why it could not be read on; null at its regular end.</summary>
internal sealed record InputEnded(string? Problem) : INoSerializationVerificationNeeded;
