namespace AkkaWal.Storage;

/// <summary>
/// Which old segments are deleted, archived or compressed without being asked for. A limit counts sealed segments,
/// never the active one; null is no limit. The oldest segments that exceed a limit are deleted or archived. Each value
/// is checked where it is set.
/// </summary>
public sealed record RetentionPolicy
{
    /// <summary>
    /// What happens to a segment that exceeds a limit. <see cref="RetentionAction.Delete"/> also deletes archived
    /// segments; <see cref="RetentionAction.Archive"/> moves only those that are not archived.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the actions.</exception>
    public RetentionAction Action { get; init => field = Setting.Known(value); } = RetentionAction.Delete;

    /// <summary>How many bytes the segments' files may take, as they are now (compressed or not); 1 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public long? MaxBytes { get; init => field = value is { } bytes ? Setting.AtLeast(bytes, 1) : null; }

    /// <summary>
    /// How old a segment may get, counted from its sealing; longer than zero. While the log is open its time goes no
    /// faster than the monotonic clock, so a wall clock that jumps ahead deletes nothing early.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is not longer than zero.</exception>
    public TimeSpan? MaxAge { get; init => field = value is { } age ? Setting.Positive(age, TimeSpan.MaxValue) : null; }

    /// <summary>How many segments there may be; 1 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? MaxSegments { get; init => field = value is { } count ? Setting.AtLeast(count, 1) : null; }

    /// <summary>A segment is compressed after this many rolls since its own; 1 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? CompressAfterRolls { get; init => field = value is { } rolls ? Setting.AtLeast(rolls, 1) : null; }

    /// <summary>How many segments one check may change; 1 to 1024, 16 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of that range.</exception>
    public int MaxSegmentsPerCheck { get; init => field = Setting.Within(value, 1, 1024); } = 16;

    /// <summary>Whether no limit is set.</summary>
    public bool IsOff => MaxBytes is null && MaxAge is null && MaxSegments is null && CompressAfterRolls is null;
}

/// <summary>What happens to a segment that exceeds a limit.</summary>
public enum RetentionAction
{
    /// <summary>The segment is deleted.</summary>
    Delete,

    /// <summary>The segment is moved to the archive.</summary>
    Archive,
}
