using AkkaWal.Storage.Format;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Judgement;

/// <summary>
/// What a look at a log directory found: all that <see cref="LogJudgement"/> rests on. Made by
/// <see cref="DirectoryLook"/>, or by a test.
/// </summary>
internal sealed record LogFacts
{
    /// <summary>
    /// Where the log is. Its id is the MANIFEST's, or that of the segments where the MANIFEST tells none.
    /// </summary>
    internal required SegmentStore Store { get; init; }

    /// <summary>What the directory holds.</summary>
    internal required DirectoryNames Names { get; init; }

    /// <summary>What the MANIFEST says; null where it is missing or bad.</summary>
    internal Manifest? Manifest { get; init; }

    /// <summary>
    /// The checksum at the MANIFEST's end, by which a reader sees that it was replaced; 0 without one.
    /// </summary>
    internal uint ManifestChecksum { get; init; }

    /// <summary>What is wrong with a MANIFEST that is there.</summary>
    internal WalFaultException? ManifestFault { get; init; }

    /// <summary>
    /// The segments that the MANIFEST neither names nor calls deleted, in order: those of a log without a readable
    /// MANIFEST are all of them.
    /// </summary>
    internal IReadOnlyList<SegmentFacts> Segments { get; init; } = [];

    /// <summary>
    /// The last one of these, looked at as a recovery does; null where it can't be, or bears the sealed mark.
    /// </summary>
    internal TailSurvey? Tail { get; init; }

    /// <summary>
    /// Of segments that the MANIFEST names and that have a file too many: each file of its records that there is,
    /// proved or not.
    /// </summary>
    internal IReadOnlyDictionary<long, IReadOnlyList<FormFacts>> Forms { get; init; } =
        new Dictionary<long, IReadOnlyList<FormFacts>>();

    /// <summary>
    /// The place in the archive that is the log's own; null where it has none, or that can't be told. Looked for where
    /// there are such files of archived segments.
    /// </summary>
    internal int? OwnPlace { get; init; } = 0;

    /// <summary>The segments that the last deletion was about to remove.</summary>
    internal IReadOnlySet<long> BeingDeleted { get; init; } = new HashSet<long>();

    /// <summary>Indexes that a roll made for a successor which it did not make.</summary>
    internal IReadOnlySet<long> UnbornIndexes { get; init; } = new HashSet<long>();
}

/// <summary>What is found of a segment that the MANIFEST does not know.</summary>
/// <param name="BaseOffset">Where its name says that it starts.</param>
/// <param name="LengthBytes">How long its file is.</param>
internal sealed record SegmentFacts(long BaseOffset, long LengthBytes)
{
    /// <summary>What is wrong with its head, or with an index that is of a newer version.</summary>
    internal WalFaultException? HeadFault { get; init; }

    /// <summary>What its sealed mark says, or a compressed file's head; null without one.</summary>
    internal SealedSegment? Mark { get; init; }

    /// <summary>How far its frames go, where it bears no mark and another segment follows.</summary>
    internal SegmentExtent? Extent { get; init; }
}

/// <summary>How far whole batches go in a segment.</summary>
/// <param name="End">Where they end.</param>
/// <param name="IsWhole">Whether that is the end of the file.</param>
/// <param name="Found">What stands there instead, for people.</param>
internal readonly record struct SegmentExtent(Watermark End, bool IsWhole, string Found);

/// <summary>One file of a sealed segment's records.</summary>
/// <param name="Form">Compressed, archived, both or neither.</param>
/// <param name="Proof">Whether it holds all of the segment.</param>
/// <param name="Salt">Its salt; 0 where that is not known.</param>
/// <param name="Checksum">Of all its frames, decompressed; 0 where they are not whole.</param>
/// <param name="StoredBytes">What the file takes.</param>
internal readonly record struct FormFacts(
    SegmentState Form, FormProof Proof, ulong Salt, uint Checksum, long StoredBytes)
{
    /// <summary>
    /// Whether two whole files hold the same records. The salt alone does not tell: a segment that was active when the
    /// directory was copied has it in both logs, with other records behind those that they have in common.
    /// </summary>
    internal bool HasSameRecordsAs(FormFacts other) => (Salt, Checksum) == (other.Salt, other.Checksum);
}

/// <summary>Whether a file holds all of a segment.</summary>
internal enum FormProof
{
    /// <summary>
    /// Each of its frames validates, up to the segment's end; and where the MANIFEST knows the checksum of such a file,
    /// it has that.
    /// </summary>
    Whole,

    /// <summary>
    /// Each of its frames validates, and the MANIFEST knows a checksum, but not that of a file of this form: it may be
    /// that of a log which began as the same.
    /// </summary>
    Unproved,

    /// <summary>Each of its frames validates, and its checksum is another one than the MANIFEST knows.</summary>
    OtherRecords,

    /// <summary>It is bad, or of something else.</summary>
    Bad,

    /// <summary>It is not there.</summary>
    Missing,

    /// <summary>It is of a newer version.</summary>
    Newer,

    /// <summary>It could not be looked at.</summary>
    OutOfReach,
}
