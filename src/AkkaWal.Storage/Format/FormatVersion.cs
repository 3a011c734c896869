using System.Buffers.Binary;

namespace AkkaWal.Storage.Format;

/// <summary>
/// What the heads of all file formats share, in this version and in all later ones: eight bytes of magic, a version
/// (u32), and at the end the CRC-32C of everything before it. So an older program can tell a newer file from a damaged
/// one.
/// </summary>
internal static class FormatVersion
{
    private const int MagicBytes = 8, VersionAt = MagicBytes;

    /// <summary>Requires a valid head of a known version.</summary>
    /// <param name="head">The whole head, its checksum included; at least 16 bytes.</param>
    /// <param name="magic">The magic that it must start with.</param>
    /// <param name="known">The newest known version.</param>
    /// <param name="path">The file, for operators.</param>
    /// <param name="oldest">The oldest known version; the known one where null.</param>
    /// <returns>The version.</returns>
    /// <exception cref="WalDamagedException">The magic, the checksum or the version is wrong.</exception>
    /// <exception cref="WalNewerVersionException">The head is valid and of a newer version.</exception>
    internal static uint Check(
        ReadOnlySpan<byte> head, ReadOnlySpan<byte> magic, uint known, string path, uint? oldest = null)
    {
        if (!head[..MagicBytes].SequenceEqual(magic))
        {
            var expected = $"the magic {System.Text.Encoding.ASCII.GetString(magic)}";
            throw new WalDamagedException(path, 0, expected, Convert.ToHexString(head[..MagicBytes]));
        }
        var body = head[..^sizeof(uint)];
        var (computed, stored) = (Crc32C.Compute(body), BinaryPrimitives.ReadUInt32LittleEndian(head[body.Length..]));
        if (stored != computed)
            throw new WalDamagedException(path, body.Length, $"the checksum {computed:x8}", $"{stored:x8}");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(head[VersionAt..]);
        if (version > known) throw new WalNewerVersionException(path, VersionAt, "format version", version, known);
        if (version < (oldest ?? known))
            throw new WalDamagedException(path, VersionAt, $"format version {known}", $"version {version}");
        return version;
    }

    /// <summary>The version of a valid head that is newer than the known one; null for any other bytes.</summary>
    /// <param name="head">The whole head, its checksum included; at least 16 bytes.</param>
    /// <param name="magic">The magic that it must start with.</param>
    /// <param name="known">The known version.</param>
    internal static uint? TryReadNewer(ReadOnlySpan<byte> head, ReadOnlySpan<byte> magic, uint known)
    {
        var version = BinaryPrimitives.ReadUInt32LittleEndian(head[VersionAt..]);
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(head[^sizeof(uint)..]);
        return version > known
            && head[..MagicBytes].SequenceEqual(magic)
            && Crc32C.Compute(head[..^sizeof(uint)]) == stored
                ? version
                : null;
    }
}
