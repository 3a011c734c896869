namespace AkkaWal.Protocol;

/// <summary>
/// Holds a floor, for consumers that replay: no record at or above the offset is deleted, by retention or by request,
/// until the floor is moved or released or the log is stopped -> <see cref="FloorHeld"/>. Holding a name again moves
/// its floor. If this is the first message to the log, the floor holds before the first retention check.
/// </summary>
/// <param name="Name">The consumer's name: 1 to 256 characters.</param>
/// <param name="Offset">0 or more.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record HoldFloor(string Name, long Offset, long RequestId = 0) : LogRequest(RequestId);

/// <summary>Nothing at or above the offset is deleted from now on.</summary>
/// <param name="Name">The consumer's name.</param>
/// <param name="Offset">The floor's offset.</param>
/// <param name="StartOffset">
/// The lowest offset that the log may hold. If it is higher than the floor, records were deleted before the floor was
/// held.
/// </param>
/// <param name="RequestId">The request's id.</param>
public sealed record FloorHeld(string Name, long Offset, long StartOffset, long RequestId) : LogReply(RequestId);

/// <summary>Releases a floor; it is no error if there is none -> <see cref="FloorReleased"/>.</summary>
public sealed record ReleaseFloor(string Name, long RequestId = 0) : LogRequest(RequestId);

/// <summary>The name holds no floor.</summary>
public sealed record FloorReleased(string Name, long RequestId) : LogReply(RequestId);
