using System.Buffers.Binary;

namespace AkkaWal.Storage.Format;

/// <summary>
/// What every head has in common, in this version of the format and in each later one: eight bytes of magic, a version (u32), and at
/// its end the CRC-32C of everything before it. So an older program tells a newer file from a damaged one.
/// </summary>
internal static class FormatVersion
{
    private const int MagicBytes = 8, VersionAt = MagicBytes;

    /// <summary>Requires a whole head of a version that is known.</summary>
    /// <param name="head">All of it, its checksum included; at least 16 bytes.</param>
    /// <param name="magic">What it must begin with.</param>
    /// <param name="known">The one version that is known.</param>
    /// <param name="path">The file, for people.</param>
    /// <exception cref="WalDamagedException">It is no such head.</exception>
    /// <exception cref="WalNewerVersionException">It is a whole one of a newer version.</exception>
    internal static void Check(ReadOnlySpan<byte> head, ReadOnlySpan<byte> magic, uint known, string path)
    {
        if (!head[..MagicBytes].SequenceEqual(magic))
            throw new WalDamagedException(
                path, 0, $"the magic {System.Text.Encoding.ASCII.GetString(magic)}", Convert.ToHexString(head[..MagicBytes]));
        var body = head[..^sizeof(uint)];
        var (computed, stored) = (Crc32C.Compute(body), BinaryPrimitives.ReadUInt32LittleEndian(head[body.Length..]));
        if (stored != computed) throw new WalDamagedException(path, body.Length, $"the checksum {computed:x8}", $"{stored:x8}");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(head[VersionAt..]);
        if (version > known) throw new WalNewerVersionException(path, VersionAt, "format version", version, known);
        if (version != known) throw new WalDamagedException(path, VersionAt, $"format version {known}", $"version {version}");
    }

    /// <summary>The version of a whole head that is newer than the one that is known; null of anything else.</summary>
    /// <param name="head">All of it, its checksum included; at least 16 bytes.</param>
    /// <param name="magic">What it must begin with.</param>
    /// <param name="known">The one version that is known.</param>
    internal static uint? TryReadNewer(ReadOnlySpan<byte> head, ReadOnlySpan<byte> magic, uint known)
    {
        var version = BinaryPrimitives.ReadUInt32LittleEndian(head[VersionAt..]);
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(head[^sizeof(uint)..]);
        return version > known && head[..MagicBytes].SequenceEqual(magic) && Crc32C.Compute(head[..^sizeof(uint)]) == stored ? version : null;
    }
}
