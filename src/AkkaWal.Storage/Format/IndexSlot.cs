using System.Buffers.Binary;

namespace AkkaWal.Storage.Format;

/// <summary>
/// The head of an <c>.index</c> file. It has two slots, which are written in turn. Each lies in a disk sector of its
/// own, so that a crash in the middle of a write leaves the other one whole.
/// <code>
///   0         8        12      16    24      32     40      48        56      64      72       76     92      96
///   | AKWALIDX| version| state | salt| base  | seq. | next  | end     | window| sealed| entries| zeros| check-|
///   |         | u32 LE | u32 LE| u64 | offset| u64  | offset| position| u64   | at i64| sum    |      | sum   |
/// </code>
/// Next offset and end position are the watermark: the end of what was written before the last successful sync was
/// issued. The window is how many bytes behind the watermark can have been unsynced at any time; all ones where there
/// is no bound. The salt is that of the log file: an index with another salt belongs to another file of the same name.
/// Sealed-at counts milliseconds since 1970. The checksum of the entries is valid in the states clean and sealed. Of
/// two valid slots the one with the higher sequence counts.
/// </summary>
internal readonly record struct IndexSlot(
    IndexState State, ulong Salt, long BaseOffset, ulong Sequence, Watermark Watermark, ulong WindowBytes,
    long SealedAtUnixMs, uint EntriesChecksum)
{
    internal const int SizeBytes = 96;

    /// <summary>The distance of the two slots: one sector.</summary>
    internal const int StrideBytes = 512;

    /// <summary>
    /// Where the entries start. Each is the position of a frame, u32 LE; the first is that of the base offset.
    /// </summary>
    internal const int EntriesAt = 2 * StrideBytes;

    internal const int EntryBytes = sizeof(uint);
    internal const ulong NoWindow = ulong.MaxValue;

    private const uint Version = 1;
    private const int StateAt = 12, ChecksumAt = SizeBytes - sizeof(uint);

    private static ReadOnlySpan<byte> Magic => "AKWALIDX"u8;

    internal long WriteAt => (long)(Sequence % 2) * StrideBytes;

    internal void Encode(Span<byte> bytes)
    {
        bytes[..SizeBytes].Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[StateAt..], (uint)State);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], Salt);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], BaseOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[32..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], Watermark.NextOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], Watermark.EndPosition);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[56..], WindowBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[64..], SealedAtUnixMs);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[72..], EntriesChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumAt..], Crc32C.Compute(bytes[..ChecksumAt]));
    }

    /// <summary>
    /// The newest valid slot in an index file's head; null where neither is whole and of that log file.
    /// </summary>
    internal static IndexSlot? Newest(ReadOnlySpan<byte> head, SegmentHeader log)
    {
        IndexSlot? newest = null;
        for (var at = 0; at + SizeBytes <= head.Length && at < EntriesAt; at += StrideBytes)
        {
            if (Decode(head.Slice(at, SizeBytes), log) is not { } slot) continue;
            if (!(newest?.Sequence > slot.Sequence)) newest = slot;
        }
        return newest;
    }

    /// <summary>
    /// The error for an index file with a whole slot that this program does not know: of a newer version, or with a
    /// newer state. Such an index is not lost and must not be overwritten. Null where there is no such slot.
    /// </summary>
    internal static WalNewerVersionException? FindNewer(ReadOnlySpan<byte> head, string path)
    {
        for (var at = 0; at + SizeBytes <= head.Length && at < EntriesAt; at += StrideBytes)
        {
            var bytes = head.Slice(at, SizeBytes);
            if (FormatVersion.TryReadNewer(bytes, Magic, Version) is { } version)
                return new WalNewerVersionException(path, at + 8, "format version", version, Version);
            var state = BinaryPrimitives.ReadUInt32LittleEndian(bytes[StateAt..]);
            if (state > (uint)IndexState.Sealed && IsWhole(bytes))
                return new WalNewerVersionException(path, at + StateAt, "index state", state, (uint)IndexState.Sealed);
        }
        return null;
    }

    /// <summary>
    /// The state and the end in the newest whole slot of a segment, for use where the log's salt is not known. Null
    /// where there is none.
    /// </summary>
    internal static (IndexState State, long NextOffset)? TryReadClaim(ReadOnlySpan<byte> head, long baseOffset)
    {
        (ulong Sequence, IndexState State, long NextOffset)? newest = null;
        for (var at = 0; at + SizeBytes <= head.Length && at < EntriesAt; at += StrideBytes)
        {
            var bytes = head.Slice(at, SizeBytes);
            if (!IsWhole(bytes) || BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]) != baseOffset) continue;
            var sequence = BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]);
            if (newest?.Sequence > sequence) continue;
            var state = (IndexState)BinaryPrimitives.ReadUInt32LittleEndian(bytes[StateAt..]);
            newest = (sequence, state, BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]));
        }
        return newest is var (_, newestState, next) ? (newestState, next) : null;
    }

    /// <summary>
    /// Whether an index file's head is as it was created for a segment, with nothing written to it since.
    /// </summary>
    internal static bool IsUnborn(ReadOnlySpan<byte> head, long baseOffset) =>
        head.Length == EntriesAt
        && IsWhole(head[..SizeBytes])
        && !head[SizeBytes..].ContainsAnyExcept((byte)0)
        && BinaryPrimitives.ReadUInt32LittleEndian(head[StateAt..]) == (uint)IndexState.Active
        && BinaryPrimitives.ReadInt64LittleEndian(head[24..]) == baseOffset
        && BinaryPrimitives.ReadUInt64LittleEndian(head[32..]) == 0
        && BinaryPrimitives.ReadInt64LittleEndian(head[40..]) == baseOffset;

    private static bool IsWhole(ReadOnlySpan<byte> bytes) =>
        bytes[..8].SequenceEqual(Magic)
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) == Version
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]) == Crc32C.Compute(bytes[..ChecksumAt]);

    private static IndexSlot? Decode(ReadOnlySpan<byte> bytes, SegmentHeader log)
    {
        if (!IsWhole(bytes)) return null;
        var slot = new IndexSlot(
            (IndexState)BinaryPrimitives.ReadUInt32LittleEndian(bytes[StateAt..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]),
            new Watermark(
                BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[48..])),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[56..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[64..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[72..]));
        return slot.Salt == log.Salt && slot.BaseOffset == log.BaseOffset && slot.State <= IndexState.Sealed
            ? slot
            : null;
    }
}

/// <summary>What an index says about its segment and its entries.</summary>
internal enum IndexState : uint
{
    /// <summary>The segment takes appends. The entries may be incomplete or wrong.</summary>
    Active = 0,

    /// <summary>
    /// The segment was closed cleanly. The entries are complete as long as the log ends at the watermark.
    /// </summary>
    Clean = 1,

    /// <summary>The segment is sealed, its entries are complete, and its successor exists.</summary>
    Sealed = 2,
}

/// <summary>An end of records: the offset that follows the last one, and the end position of its frame.</summary>
internal readonly record struct Watermark(long NextOffset, long EndPosition);
