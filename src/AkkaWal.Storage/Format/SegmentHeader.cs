using System.Buffers.Binary;
using System.Security.Cryptography;

namespace AkkaWal.Storage.Format;

/// <summary>
/// The header of a <c>.log</c> file. Frames follow it back to back.
/// <code>
///   0         8        12       16        32        40        48         60       64
///   | AKWALSEG | version| size   | log id  | base    | random  | zeros    | check- |
///   |          | u32 LE | u32 LE | 16 bytes| offset  | salt    |          | sum    |
/// </code>
/// The checksum is CRC-32C of the 60 bytes before it.
/// </summary>
internal readonly record struct SegmentHeader(Guid LogId, long BaseOffset, ulong Salt)
{
    internal const int SizeBytes = 64;
    private const uint Version = 1;
    private const int ChecksumAt = SizeBytes - sizeof(uint);

    private static ReadOnlySpan<byte> Magic => "AKWALSEG"u8;

    internal static SegmentHeader Create(Guid logId, long baseOffset) =>
        new(logId, baseOffset, BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong))));

    internal byte[] Encode()
    {
        var bytes = new byte[SizeBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), SizeBytes);
        LogId.TryWriteBytes(bytes.AsSpan(16));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), BaseOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(40), Salt);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(ChecksumAt), Crc32C.Compute(bytes.AsSpan(0, ChecksumAt)));
        return bytes;
    }

    /// <exception cref="WalDamagedException">The bytes are no segment header.</exception>
    /// <exception cref="WalForeignException">The header is that of another log or another segment.</exception>
    /// <exception cref="WalNewerVersionException">The header is of a newer version.</exception>
    internal static SegmentHeader Decode(ReadOnlySpan<byte> bytes, string path, Guid logId, long baseOffset)
    {
        var header = Decode(bytes, path);
        header.Require(path, logId, baseOffset);
        return header;
    }

    /// <summary>Requires the header of a certain segment.</summary>
    /// <param name="path">The file, for operators.</param>
    /// <param name="logId">The log that it must belong to.</param>
    /// <param name="baseOffset">The base offset that it must have.</param>
    /// <param name="headAt">The position of the header in the file.</param>
    /// <exception cref="WalForeignException">The header is that of another log or another segment.</exception>
    internal void Require(string path, Guid logId, long baseOffset, long headAt = 0)
    {
        if (LogId != logId) throw new WalForeignException(path, headAt + 16, $"log id {logId}", $"{LogId}");
        if (BaseOffset != baseOffset)
            throw new WalForeignException(path, headAt + 32, $"base offset {baseOffset}", $"{BaseOffset}");
    }

    /// <summary>The header of any segment of any log.</summary>
    /// <exception cref="WalDamagedException">The bytes are no segment header.</exception>
    /// <exception cref="WalNewerVersionException">The header is of a newer version.</exception>
    internal static SegmentHeader Decode(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length < SizeBytes)
        {
            var expected = $"a segment header of {SizeBytes} bytes";
            throw new WalDamagedException(path, bytes.Length, expected, $"{bytes.Length} bytes");
        }
        FormatVersion.Check(bytes[..SizeBytes], Magic, Version, path);
        return new SegmentHeader(
            new Guid(bytes.Slice(16, 16)),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]));
    }
}
