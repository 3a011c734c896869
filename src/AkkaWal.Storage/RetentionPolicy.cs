namespace AkkaWal.Storage;

/// <summary>
/// What becomes of old segments by themselves. Every limit counts sealed segments, never the active one; null is no limit. Whatever exceeds
/// any limit, oldest first, is deleted or archived. Each value is checked where it is set.
/// </summary>
public sealed record RetentionPolicy
{
    /// <summary>What happens to a segment that exceeds a limit. Deleting concerns those in the archive too; archiving only those that are not there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of the actions.</exception>
    public RetentionAction Action { get; init => field = Setting.Known(value); } = RetentionAction.Delete;

    /// <summary>What the segments may take where they are, in bytes; 1 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less.</exception>
    public long? MaxBytes { get; init => field = value is { } bytes ? Setting.AtLeast(bytes, 1) : null; }

    /// <summary>How old a segment may get, from its sealing on; longer than zero. Clocks that jump make it older, never younger.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public TimeSpan? MaxAge { get; init => field = value is { } age ? Setting.Positive(age, TimeSpan.MaxValue) : null; }

    /// <summary>How many segments there may be; 1 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less.</exception>
    public int? MaxSegments { get; init => field = value is { } count ? Setting.AtLeast(count, 1) : null; }

    /// <summary>After how many rolls since its own a segment is compressed; 1 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less.</exception>
    public int? CompressAfterRolls { get; init => field = value is { } rolls ? Setting.AtLeast(rolls, 1) : null; }

    /// <summary>How many segments one check may touch; 1 to 1024, 16 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public int MaxSegmentsPerCheck { get; init => field = Setting.Within(value, 1, 1024); } = 16;

    /// <summary>Whether it asks for anything.</summary>
    public bool IsOff => MaxBytes is null && MaxAge is null && MaxSegments is null && CompressAfterRolls is null;
}

/// <summary>What happens to what exceeds a limit.</summary>
public enum RetentionAction
{
    /// <summary>It is deleted.</summary>
    Delete,

    /// <summary>It is moved to the archive.</summary>
    Archive,
}
