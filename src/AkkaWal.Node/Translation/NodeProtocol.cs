using Akka.Actor;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Translation;

/// <summary>
/// Names the node. The bridge carries it out itself -> <see cref="Initialized"/> or <see cref="Refused"/>.
/// </summary>
internal sealed record Initialize(string NodeId, int NodeCount, long RequestId)
    : LogRequest(RequestId), INoSerializationVerificationNeeded;

/// <summary>The node has its name.</summary>
internal sealed record Initialized(long RequestId) : LogReply(RequestId), INoSerializationVerificationNeeded;

/// <summary>Asks for a JSON value back. The bridge carries it out itself -> <see cref="Echoed"/>.</summary>
internal sealed record EchoBack(ReadOnlyMemory<byte> Json, long RequestId)
    : LogRequest(RequestId), INoSerializationVerificationNeeded;

/// <summary>The JSON value, in the spelling of the request.</summary>
internal sealed record Echoed(ReadOnlyMemory<byte> Json, long RequestId)
    : LogReply(RequestId), INoSerializationVerificationNeeded;

/// <summary>The node refused the request, or gave up on it.</summary>
internal sealed record Refused(ErrorCode Code, string Text, long RequestId)
    : LogReply(RequestId), INoSerializationVerificationNeeded;
