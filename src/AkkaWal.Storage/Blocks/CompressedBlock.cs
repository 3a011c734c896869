using System.Buffers.Binary;

namespace AkkaWal.Storage.Blocks;

/// <summary>An entry of a block directory; see <see cref="CompressedHead"/>.</summary>
/// <param name="LogPosition">The block's position in the log file.</param>
/// <param name="StoredPosition">Its position in the compressed file.</param>
/// <param name="StoredChecksum">The checksum of its bytes as they are stored.</param>
/// <param name="LogChecksum">The checksum of its bytes in the log file.</param>
internal readonly record struct CompressedBlock(
    uint LogPosition, uint StoredPosition, uint StoredChecksum, uint LogChecksum)
{
    internal const int SizeBytes = 16;

    internal void Encode(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, LogPosition);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], StoredPosition);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], StoredChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], LogChecksum);
    }

    internal static CompressedBlock Decode(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));
}
