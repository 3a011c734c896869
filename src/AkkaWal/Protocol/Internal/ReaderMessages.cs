namespace AkkaWal.Protocol.Internal;

/// <summary>
/// To a manager: descriptors ran out, so close segments that are open for reading. A segment of the manager's own log
/// gets <see cref="DescriptorsFreed"/> when some are closed or none can be. The manager of another log gets no answer.
/// </summary>
internal sealed record FreeDescriptors : InternalMessage;

/// <summary>Manager to a segment: open files were closed where possible, so it may try again.</summary>
internal sealed record DescriptorsFreed : InternalMessage;

/// <summary>
/// Manager to a sealed segment: send <see cref="ReadsDrained"/> when all earlier messages are answered.
/// </summary>
internal sealed record DrainReads : InternalMessage;

/// <summary>Sealed segment to manager: all messages before <see cref="DrainReads"/> are answered.</summary>
internal sealed record ReadsDrained : InternalMessage;

/// <summary>The manager's last message to a sealed segment: stop when all earlier messages are answered.</summary>
internal sealed record Leave : InternalMessage;
