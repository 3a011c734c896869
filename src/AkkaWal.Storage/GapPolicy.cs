namespace AkkaWal.Storage;

/// <summary>What a scan does where it reaches a gap: a range of offsets whose segments were deleted.</summary>
public enum GapPolicy
{
    /// <summary>It stops there, with the error that a read of such an offset gets.</summary>
    Stop,

    /// <summary>
    /// It goes on with the first record behind the gap; <see cref="LogCursor.Offset"/> shows the jump.
    /// </summary>
    Skip,
}
