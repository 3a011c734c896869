using AkkaWal.Storage.Format;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Checks;

/// <summary>
/// What a look at a log directory found. <see cref="LogCheck"/> decides by this alone. Made by
/// <see cref="DirectoryLook"/>, or by a test.
/// </summary>
internal sealed record LogFacts
{
    /// <summary>
    /// Where the log is. Its id is that of the MANIFEST, or of the segments where no MANIFEST can be read.
    /// </summary>
    internal required SegmentFiles SegmentFiles { get; init; }

    /// <summary>The names in the directory.</summary>
    internal required DirectoryNames Names { get; init; }

    /// <summary>The MANIFEST; null where it is missing or bad.</summary>
    internal Manifest? Manifest { get; init; }

    /// <summary>
    /// The checksum at the MANIFEST's end, which tells a reader whether it was replaced; 0 without a MANIFEST.
    /// </summary>
    internal uint ManifestChecksum { get; init; }

    /// <summary>What is wrong with the MANIFEST; null where nothing is or it is missing.</summary>
    internal WalFaultException? ManifestFault { get; init; }

    /// <summary>
    /// The segments that the MANIFEST neither lists nor calls deleted, in order. Without a readable MANIFEST these are
    /// all segments.
    /// </summary>
    internal IReadOnlyList<SegmentFacts> Segments { get; init; } = [];

    /// <summary>
    /// The recovery's survey of the last of them; null where there is none, it can't be read, or it has the sealed
    /// mark.
    /// </summary>
    internal TailSurvey? Tail { get; init; }

    /// <summary>
    /// For each segment of the MANIFEST that has a second file: all files of its records, proved or not. By base
    /// offset.
    /// </summary>
    internal IReadOnlyDictionary<long, IReadOnlyList<FormFacts>> Forms { get; init; } =
        new Dictionary<long, IReadOnlyList<FormFacts>>();

    /// <summary>
    /// The number of the log's own place in the archive; null where it has none or that can't be told. Only looked up
    /// where there are second files.
    /// </summary>
    internal int? OwnPlace { get; init; } = 0;

    /// <summary>The base offsets of the segments that the last deletion was about to remove.</summary>
    internal IReadOnlySet<long> BeingDeleted { get; init; } = new HashSet<long>();

    /// <summary>Indexes that a roll prepared for a successor whose log file it did not create.</summary>
    internal IReadOnlySet<long> UnbornIndexes { get; init; } = new HashSet<long>();
}

/// <summary>A segment that the MANIFEST does not list.</summary>
/// <param name="BaseOffset">Its base offset by its name.</param>
/// <param name="LengthBytes">The length of its file.</param>
internal sealed record SegmentFacts(long BaseOffset, long LengthBytes)
{
    /// <summary>What is wrong with its header; or that its index is of a newer version.</summary>
    internal WalFaultException? HeadFault { get; init; }

    /// <summary>The segment by its sealed mark or by a compressed file's head; null without one.</summary>
    internal SealedSegment? Mark { get; init; }

    /// <summary>How far its whole batches go, where it has no mark and another segment follows.</summary>
    internal SegmentExtent? Extent { get; init; }
}

/// <summary>How far whole batches go in a segment.</summary>
/// <param name="End">The end of the last one.</param>
/// <param name="IsWhole">Whether that is the end of the file.</param>
/// <param name="Found">What follows, for operators.</param>
internal readonly record struct SegmentExtent(Watermark End, bool IsWhole, string Found);

/// <summary>One file that holds a sealed segment's records.</summary>
/// <param name="Form">Whether it is compressed, archived, both or neither.</param>
/// <param name="Proof">Whether it is proved to hold the whole segment.</param>
/// <param name="Salt">The segment's salt; 0 where that is not known.</param>
/// <param name="Checksum">The checksum of all its frames, uncompressed; 0 where they are not whole.</param>
/// <param name="StoredBytes">The size of a compressed file; 0 for any other.</param>
internal readonly record struct FormFacts(
    SegmentState Form, FormProof Proof, ulong Salt, uint Checksum, long StoredBytes)
{
    /// <summary>
    /// Whether two whole files hold the same records. The salt is not enough: where a log's directory was copied, the
    /// segment that was active has the same salt in both logs, and different records behind those they have in common.
    /// </summary>
    internal bool HasSameRecordsAs(FormFacts other) => (Salt, Checksum) == (other.Salt, other.Checksum);
}

/// <summary>Whether a file is proved to hold the whole of a segment.</summary>
internal enum FormProof
{
    /// <summary>
    /// Every frame is valid up to the segment's end. Where the MANIFEST has a checksum for a file of this form, it
    /// matches.
    /// </summary>
    Whole,

    /// <summary>
    /// Every frame is valid. The MANIFEST has a checksum, but for a file of another form, so the file may belong to
    /// another log with the same origin.
    /// </summary>
    Unproved,

    /// <summary>Every frame is valid, but the file's checksum is not the one in the MANIFEST.</summary>
    OtherRecords,

    /// <summary>It is damaged or foreign.</summary>
    Bad,

    /// <summary>It is missing.</summary>
    Missing,

    /// <summary>It is of a newer version.</summary>
    Newer,

    /// <summary>It could not be read: the archive is out of reach, or the platform failed.</summary>
    OutOfReach,
}
