namespace AkkaWal.Storage;

/// <summary>
/// What becomes of old segments by themselves. Every limit counts sealed segments, never the active one; null is no limit. Whatever exceeds
/// any limit, oldest first, is deleted or archived. Each value is checked where it is set.
/// </summary>
public sealed record RetentionPolicy
{
    private readonly long? _maxBytes;
    private readonly TimeSpan? _maxAge;
    private readonly int? _maxSegments, _compressAfterRolls;
    private readonly int _maxSegmentsPerCheck = 16;

    /// <summary>What happens to a segment that exceeds a limit. Deleting concerns those in the archive too; archiving only those that are not there.</summary>
    public RetentionAction Action { get; init; } = RetentionAction.Delete;

    /// <summary>What the segments may take where they are, in bytes; 1 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less.</exception>
    public long? MaxBytes
    {
        get => _maxBytes;
        init => _maxBytes = value is null or >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxBytes), value, "must be at least 1");
    }

    /// <summary>How old a segment may get, from its sealing on; longer than zero. Clocks that jump make it older, never younger.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public TimeSpan? MaxAge
    {
        get => _maxAge;
        init => _maxAge = value is null || value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(MaxAge), value, "must be longer than zero");
    }

    /// <summary>How many segments there may be; 1 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less.</exception>
    public int? MaxSegments
    {
        get => _maxSegments;
        init => _maxSegments = value is null or >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxSegments), value, "must be at least 1");
    }

    /// <summary>After how many rolls since its own a segment is compressed; 1 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less.</exception>
    public int? CompressAfterRolls
    {
        get => _compressAfterRolls;
        init => _compressAfterRolls = value is null or >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(CompressAfterRolls), value, "must be at least 1");
    }

    /// <summary>How many segments one check may touch; 1 to 1024, 16 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public int MaxSegmentsPerCheck
    {
        get => _maxSegmentsPerCheck;
        init => _maxSegmentsPerCheck = value is >= 1 and <= 1024 ? value : throw new ArgumentOutOfRangeException(nameof(MaxSegmentsPerCheck), value, "must be from 1 to 1024");
    }

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
