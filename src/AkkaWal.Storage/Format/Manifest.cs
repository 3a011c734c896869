using System.Buffers.Binary;
using System.Text;

namespace AkkaWal.Storage.Format;

/// <summary>
/// What the MANIFEST file holds: the log's id, the deleted ranges, and the states of the sealed segments. So an opening
/// need not read those segments.
/// <code>
///   0         8        12       16        32       40       44      48
///   | AKWALMAN | version| ranges | log id  | start  | sealed | flags  | ranges ... | sealed segments ... | checksum |
///   |          | u32 LE | u32 LE | 16 bytes| offset | u32 LE | u32 LE | 16 bytes   | 48 bytes each       | u32 LE   |
///
///   a deleted range:   first offset i64 | next offset i64 (exclusive)
///   a sealed segment:  base i64 | next i64 | size i64 | stored size i64 | sealed at i64 (ms since 1970) |
///                      state u16 | place u16 | archive checksum u32
///
///   version 2 has in front of the checksum:   epoch i64 | size of the owner u32 | owner, UTF-8
/// </code>
/// Flags, bit 0: the first segment was created, so that a log without any segment has lost it. Bit 1, in version 2
/// alone: the log is in the directory of an epoch. The checksum is CRC-32C of everything before it. Segments that were
/// sealed after it was written are found by their names. The active segment
/// is never in it.
/// </summary>
internal sealed record Manifest(
    Guid LogId, long StartOffset, bool HasSegments, IReadOnlyList<OffsetRange> DeletedRanges,
    IReadOnlyList<SealedSegment> SealedSegments)
{
    private const int HeadBytes = 48, RangeBytes = 16, SegmentBytes = 48, ChecksumBytes = sizeof(uint), FlagsAt = 44;
    private const int SmallestBytes = HeadBytes + ChecksumBytes;
    private const int PlaceShift = 16;
    private const uint PlainVersion = 1, Version = 2, HasSegmentsFlag = 1, HasMovedFlag = 2;
    private const int EpochBytes = sizeof(long) + sizeof(uint);

    private const SegmentState KnownStates =
        SegmentState.Sealed | SegmentState.Compressed | SegmentState.Archived | SegmentState.Incompressible;

    private static ReadOnlySpan<byte> Magic => "AKWALMAN"u8;

    /// <summary>
    /// Whether the log ever had an owner (<see cref="WalOptions.Owner"/>). Then the MANIFEST is of version 2, so that
    /// no older program opens the log.
    /// </summary>
    internal bool IsShared { get; init; }

    /// <summary>
    /// The epoch that wrote it; 0 for the log's own directory. Only where <see cref="IsShared"/> is set.
    /// </summary>
    internal long Epoch { get; init; }

    /// <summary>The epoch's owner; "" where the opening named none.</summary>
    internal string Owner { get; init; } = "";

    /// <summary>Whether the log is not here any more, but in the directory of an epoch.</summary>
    internal bool HasMoved { get; init; }

    /// <summary>The MANIFEST after some segments were deleted.</summary>
    internal Manifest Without(IReadOnlyCollection<SealedSegment> gone)
    {
        var ranges = DeletedRanges;
        foreach (var segment in gone) ranges = OffsetRanges.Add(ranges, segment.Range);
        var bases = gone.Select(segment => segment.BaseOffset).ToHashSet();
        var left = SealedSegments.Where(segment => !bases.Contains(segment.BaseOffset)).ToList();
        var start = left.Count > 0 ? left[0].BaseOffset
            : SealedSegments.Count > 0 ? SealedSegments[^1].NextOffset
            : StartOffset;
        return this with { StartOffset = start, DeletedRanges = ranges, SealedSegments = left };
    }

    /// <summary>The MANIFEST after a segment changed its state.</summary>
    internal Manifest With(SealedSegment changed) => this with
    {
        SealedSegments =
            [.. SealedSegments.Select(segment => segment.BaseOffset == changed.BaseOffset ? changed : segment)],
    };

    internal byte[] Encode()
    {
        var listBytes = RangeBytes * DeletedRanges.Count + SegmentBytes * SealedSegments.Count;
        var owner = IsShared ? Encoding.UTF8.GetBytes(Owner) : [];
        var epochBytes = IsShared ? EpochBytes + owner.Length : 0;
        var bytes = new byte[HeadBytes + listBytes + epochBytes + ChecksumBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), IsShared ? Version : PlainVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), (uint)DeletedRanges.Count);
        LogId.TryWriteBytes(bytes.AsSpan(16));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), StartOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(40), (uint)SealedSegments.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(FlagsAt), Flags);
        var at = HeadBytes;
        foreach (var range in DeletedRanges)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), range.First);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at + 8), range.Next);
            at += RangeBytes;
        }
        foreach (var segment in SealedSegments)
        {
            Encode(bytes.AsSpan(at, SegmentBytes), segment);
            at += SegmentBytes;
        }
        if (IsShared)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), Epoch);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + sizeof(long)), (uint)owner.Length);
            owner.CopyTo(bytes.AsSpan(at + EpochBytes));
            at += epochBytes;
        }
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), Crc32C.Compute(bytes.AsSpan(0, at)));
        return bytes;
    }

    private uint Flags => (HasSegments ? HasSegmentsFlag : 0) | (HasMoved ? HasMovedFlag : 0);

    /// <exception cref="WalDamagedException">The bytes are no manifest.</exception>
    /// <exception cref="WalNewerVersionException">They hold a version, flag or state of a newer program.</exception>
    internal static Manifest Decode(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length < SmallestBytes)
        {
            var expectedLength = $"at least {SmallestBytes} bytes";
            throw new WalDamagedException(path, bytes.Length, expectedLength, $"{bytes.Length} bytes");
        }
        var isShared = FormatVersion.Check(bytes, Magic, Version, path, PlainVersion) > PlainVersion;
        var flags = BinaryPrimitives.ReadUInt32LittleEndian(bytes[FlagsAt..]);
        var knownFlags = isShared ? HasSegmentsFlag | HasMovedFlag : HasSegmentsFlag;
        if ((flags & ~knownFlags) != 0)
            throw new WalNewerVersionException(path, FlagsAt, "flags", flags, knownFlags);
        var body = bytes[..^ChecksumBytes];
        var rangeCount = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        var segmentCount = BinaryPrimitives.ReadUInt32LittleEndian(bytes[40..]);
        var expected = HeadBytes + (long)RangeBytes * rangeCount + (long)SegmentBytes * segmentCount;
        var (epoch, owner) = isShared ? DecodeEpoch(ref body, expected, path) : (0, "");
        if (expected != body.Length)
            throw new WalDamagedException(path, body.Length, $"{expected} bytes for its counts", $"{body.Length}");

        var ranges = new OffsetRange[rangeCount];
        var (at, behind) = (HeadBytes, 0L);
        for (var i = 0; i < ranges.Length; i++, at += RangeBytes)
        {
            ranges[i] = new OffsetRange(
                BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[(at + 8)..]));
            RequireOrder(ranges[i], ref behind, path, at);
        }
        var segments = new SealedSegment[segmentCount];
        behind = 0;
        for (var i = 0; i < segments.Length; i++, at += SegmentBytes)
        {
            segments[i] = DecodeSegment(bytes.Slice(at, SegmentBytes), path, at);
            RequireOrder(segments[i].Range, ref behind, path, at);
        }
        var start = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]);
        return new Manifest(
            new Guid(bytes.Slice(16, 16)), start, (flags & HasSegmentsFlag) != 0, ranges, segments)
        {
            IsShared = isShared,
            Epoch = epoch,
            Owner = owner,
            HasMoved = (flags & HasMovedFlag) != 0,
        };
    }

    // Takes the epoch and its owner off the end of the body.
    private static (long Epoch, string Owner) DecodeEpoch(ref ReadOnlySpan<byte> body, long listEnd, string path)
    {
        if (listEnd <= body.Length - EpochBytes)
        {
            var end = body[(int)listEnd..];
            var ownerBytes = BinaryPrimitives.ReadUInt32LittleEndian(end[sizeof(long)..]);
            if (ownerBytes == end.Length - EpochBytes)
            {
                body = body[..(int)listEnd];
                return (BinaryPrimitives.ReadInt64LittleEndian(end), Encoding.UTF8.GetString(end[EpochBytes..]));
            }
        }
        throw new WalDamagedException(path, body.Length, "an epoch and its owner behind the segments", "other bytes");
    }

    // The checksum proves that these are the bytes that were written, not that what was written is right.
    private static void RequireOrder(OffsetRange range, ref long behind, string path, int position)
    {
        if (range.First < behind || range.Next <= range.First)
            throw new WalDamagedException(
                path, position, $"offsets from {behind} on, in order", $"offset {range.First} to {range.Next - 1}");
        behind = range.Next;
    }

    private static void Encode(Span<byte> bytes, SealedSegment segment)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, segment.BaseOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], segment.NextOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], segment.SizeBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], segment.StoredBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], segment.SealedAtUnixMs);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[40..], EncodeState(segment));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[44..], segment.ArchiveChecksum);
    }

    private static SealedSegment DecodeSegment(ReadOnlySpan<byte> bytes, string path, int position)
    {
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(bytes[40..]);
        var (state, place) = ((SegmentState)(stored & ushort.MaxValue), (int)(stored >> PlaceShift));
        if ((state & ~KnownStates) != 0 || (place != 0 && state.IsArchived))
            throw new WalNewerVersionException(path, position + 40, "segment state", stored, (uint)KnownStates);
        if (place != 0) state |= SegmentState.Archived;
        return new SealedSegment(
            BinaryPrimitives.ReadInt64LittleEndian(bytes),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            state,
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]))
        {
            Place = place,
            ArchiveChecksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[44..]),
        };
    }

    // For a segment in place 0 the state has the bit "archived". For any other place it has not, so that an older
    // version, which knows place 0 alone, refuses the log instead of looking for the segment there.
    private static uint EncodeState(SealedSegment segment) => segment.Place == 0
        ? (uint)segment.State
        : (uint)(segment.State & ~SegmentState.Archived) | ((uint)segment.Place << PlaceShift);
}
