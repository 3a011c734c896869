using System.Buffers.Binary;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Blocks;

/// <summary>
/// The head of a <c>.logz</c> file, which holds the bytes of a sealed <c>.log</c> file in compressed form. The block
/// directory follows it, then the blocks back to back, each compressed on its own.
/// <code>
///   0         8        12      16           80       88      96      104     108     112      116    124      128
///   | AKWALZIP| version| codec | the log's  | next   | log   | stored| blocks| largest| direct.| zeros| check- |
///   |         | u32 LE | u32   | own header | offset | length| length| u32   | block  | checks.|      | sum    |
///
///   a directory entry, 16 bytes:
///   0             4                8                 12               16
///   | log position| stored position| stored checksum | log checksum   |
/// </code>
/// Lengths are those of the whole files, u64. A block ends where the next one starts, in the log and as stored; the
/// last one ends with the file. Blocks hold whole frames and leave no gap; the first one starts behind the log's
/// header. The size of the largest block is its size in the log. A block whose two sizes are equal is stored
/// uncompressed. Both checksums are CRC-32C: of the block's bytes as stored, and in the log. Salt, log id and base
/// offset are in the log's own header. The index file stays as it is.
/// </summary>
internal readonly record struct CompressedHead(
    CompressionCodec Codec, SegmentHeader Segment, long NextOffset, long LogLengthBytes, long StoredLengthBytes,
    int BlockCount,
    int LargestBlockBytes, uint DirectoryChecksum)
{
    internal const int SizeBytes = 128;
    private const uint Version = 1;
    internal const int DirectoryChecksumAt = 112;
    private const int SegmentAt = 16, ChecksumAt = SizeBytes - sizeof(uint);

    private static ReadOnlySpan<byte> Magic => "AKWALZIP"u8;

    /// <summary>The position of the first block in the file.</summary>
    internal static long BlocksAt(long blockCount) => SizeBytes + blockCount * CompressedBlock.SizeBytes;

    internal byte[] Encode()
    {
        var bytes = new byte[SizeBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), (uint)Codec);
        Segment.Encode().CopyTo(bytes.AsSpan(SegmentAt));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(80), NextOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(88), LogLengthBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(96), StoredLengthBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(104), BlockCount);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(108), LargestBlockBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(DirectoryChecksumAt), DirectoryChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(ChecksumAt), Crc32C.Compute(bytes.AsSpan(0, ChecksumAt)));
        return bytes;
    }

    /// <exception cref="WalDamagedException">The bytes are no head of a compressed segment.</exception>
    /// <exception cref="WalForeignException">The head is that of another log or another segment.</exception>
    /// <exception cref="WalNewerVersionException">It has a version or a codec that this program does not
    /// know.</exception>
    internal static CompressedHead Decode(ReadOnlySpan<byte> bytes, string path, Guid logId, long baseOffset)
    {
        var head = Decode(bytes, path);
        head.Segment.Require(path, logId, baseOffset, SegmentAt);
        return head;
    }

    /// <summary>The head of a compressed segment of any log.</summary>
    /// <exception cref="WalDamagedException">The bytes are no head of a compressed segment.</exception>
    /// <exception cref="WalNewerVersionException">It has a version or a codec that this program does not
    /// know.</exception>
    internal static CompressedHead Decode(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length < SizeBytes)
            throw new WalDamagedException(path, bytes.Length, $"a head of {SizeBytes} bytes", $"{bytes.Length} bytes");
        FormatVersion.Check(bytes[..SizeBytes], Magic, Version, path);
        var codec = (CompressionCodec)BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        if (BlockCodec.Find(codec) is null)
            throw (uint)codec > (uint)BlockCodec.HighestKnown
                ? new WalNewerVersionException(path, 12, "codec", (uint)codec, (uint)BlockCodec.HighestKnown)
                : new WalDamagedException(
                    path, 12, $"a codec from 1 to {(uint)BlockCodec.HighestKnown}", $"codec {(uint)codec}");
        return new CompressedHead(
            codec,
            SegmentHeader.Decode(bytes.Slice(SegmentAt, SegmentHeader.SizeBytes), path),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[80..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[88..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[96..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[104..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[108..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[DirectoryChecksumAt..]));
    }
}
