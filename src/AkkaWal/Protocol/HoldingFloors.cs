namespace AkkaWal.Protocol;

/// <summary>
/// Keeps every record from an offset on from being deleted, by retention or by request, until the floor is moved or
/// released or the log is stopped: for consumers that replay -> <see cref="FloorHeld"/>. Holding a name again moves its
/// floor. A consumer that tells this first, before anything else is told to the log, comes before the first retention
/// check.
/// </summary>
/// <param name="Name">The consumer's: 1 to 256 characters.</param>
/// <param name="Offset">0 or more.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record HoldFloor(string Name, long Offset, long RequestId = 0) : LogRequest(RequestId);

/// <summary>Nothing at or above the offset is deleted from now on.</summary>
/// <param name="Name">Whose floor it is.</param>
/// <param name="Offset">Where it is.</param>
/// <param name="StartOffset">
/// The lowest offset that the log may hold: where it is higher, the consumer came too late.
/// </param>
/// <param name="RequestId">The request's id.</param>
public sealed record FloorHeld(string Name, long Offset, long StartOffset, long RequestId) : LogReply(RequestId);

/// <summary>Gives a floor up; it is no error that there is none -> <see cref="FloorReleased"/>.</summary>
public sealed record ReleaseFloor(string Name, long RequestId = 0) : LogRequest(RequestId);

/// <summary>The name holds no floor.</summary>
public sealed record FloorReleased(string Name, long RequestId) : LogReply(RequestId);
