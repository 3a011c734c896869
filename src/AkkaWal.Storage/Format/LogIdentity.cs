using System.Buffers.Binary;
using AkkaWal.Storage.Files;

namespace AkkaWal.Storage.Format;

/// <summary>
/// What the IDENTITY file holds: a log's identity for an archive that it shares with other logs. It names the directory
/// that it was written in. In a copy of that directory it is another log's identity.
/// <code>
///   0         8        12      16            32         40        48     52       56
///   | AKWALIDN| version| place | instance id | inode of | born at | flags| check- |
///   |         | u32 LE | u32   | 16 bytes    | directory| i64, ns |      | sum    |
/// </code>
/// The place is the number of the one that the log stores in; all ones where it has none yet. Flags, bit 0: the log
/// began as a copy of another.
/// </summary>
/// <param name="Instance">A random id that only this log has.</param>
/// <param name="Directory">The directory that it was written in.</param>
/// <param name="Place">The number of the place; null where the log has claimed none.</param>
/// <param name="IsCopy">Whether the log began as a copy.</param>
internal sealed record LogIdentity(Guid Instance, WalDirectoryIdentity Directory, int? Place, bool IsCopy)
{
    private const int SizeBytes = 56, ChecksumAt = SizeBytes - sizeof(uint);
    private const uint Version = 1, NoPlace = uint.MaxValue, CopyFlag = 1;

    private static ReadOnlySpan<byte> Magic => "AKWALIDN"u8;

    internal byte[] Encode()
    {
        var bytes = new byte[SizeBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Place is { } place ? (uint)place : NoPlace);
        Instance.TryWriteBytes(bytes.AsSpan(16));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), Directory.Inode);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), Directory.BornAtNanoseconds);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(48), IsCopy ? CopyFlag : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(ChecksumAt), Crc32C.Compute(bytes.AsSpan(0, ChecksumAt)));
        return bytes;
    }

    /// <exception cref="WalDamagedException">The bytes are no identity.</exception>
    /// <exception cref="WalNewerVersionException">They are of a newer version.</exception>
    internal static LogIdentity Decode(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length != SizeBytes)
            throw new WalDamagedException(path, bytes.Length, $"{SizeBytes} bytes", $"{bytes.Length} bytes");
        FormatVersion.Check(bytes, Magic, Version, path);
        var place = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        return new LogIdentity(
            new Guid(bytes.Slice(16, 16)),
            new WalDirectoryIdentity(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[40..])),
            place == NoPlace ? null : (int)place,
            (BinaryPrimitives.ReadUInt32LittleEndian(bytes[48..]) & CopyFlag) != 0);
    }
}
