namespace AkkaWal.Protocol.Internal;

/// <summary>
/// To a manager: descriptors ran out, so let go of segments that are open for reading. From a segment of its own, which
/// is answered by <see cref="DescriptorsFreed"/> when some are closed or none can be; or from the manager of another
/// log.
/// </summary>
internal sealed record FreeDescriptors : InternalMessage;

/// <summary>Manager to a segment: what could be closed is, so it may try again.</summary>
internal sealed record DescriptorsFreed : InternalMessage;

/// <summary>
/// Manager to a sealed segment: answer <see cref="ReadsDrained"/> when what came before this is answered.
/// </summary>
internal sealed record DrainReads : InternalMessage;

/// <summary>Sealed segment to manager.</summary>
internal sealed record ReadsDrained : InternalMessage;

/// <summary>
/// Manager to a sealed segment, which it asks for nothing more: stop when what came before this is answered.
/// </summary>
internal sealed record Leave : InternalMessage;
