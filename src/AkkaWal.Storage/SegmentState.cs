namespace AkkaWal.Storage;

/// <summary>What a segment is; a sealed one can be compressed, archived, or both.</summary>
[Flags]
public enum SegmentState
{
    /// <summary>The last one, which takes the appends.</summary>
    Active = 0,

    /// <summary>Immutable.</summary>
    Sealed = 1,

    /// <summary>Sealed, and its file holds compressed blocks.</summary>
    Compressed = 2,

    /// <summary>Sealed, and its file is in the archive.</summary>
    Archived = 4,

    /// <summary>Sealed, and it was tried to compress it: it does not shrink.</summary>
    Incompressible = 8,
}
