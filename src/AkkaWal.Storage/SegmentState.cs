namespace AkkaWal.Storage;

/// <summary>The state of a segment. A sealed one can be compressed, archived, or both.</summary>
[Flags]
public enum SegmentState
{
    /// <summary>The last segment, which takes the appends.</summary>
    Active = 0,

    /// <summary>It takes no more appends; its records never change.</summary>
    Sealed = 1,

    /// <summary>Sealed, and its file holds compressed blocks.</summary>
    Compressed = 2,

    /// <summary>Sealed, and its file is in the archive.</summary>
    Archived = 4,

    /// <summary>Sealed, and found not to shrink when it was to be compressed.</summary>
    Incompressible = 8,
}

/// <summary>The single flags of a state.</summary>
internal static class SegmentStates
{
    extension(SegmentState state)
    {
        internal bool IsCompressed => (state & SegmentState.Compressed) != 0;

        internal bool IsArchived => (state & SegmentState.Archived) != 0;

        internal bool IsIncompressible => (state & SegmentState.Incompressible) != 0;
    }
}
