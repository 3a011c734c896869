using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Blocks;

/// <summary>The directory of a compressed segment's blocks, in memory: 16 bytes a block. Immutable.</summary>
internal sealed class BlockDirectory
{
    private readonly CompressedBlock[] _blocks;
    private readonly CompressedHead _head;

    private BlockDirectory(CompressedHead head, CompressedBlock[] blocks) => (_head, _blocks) = (head, blocks);

    internal int Count => _blocks.Length;

    internal long MemoryBytes => (long)_blocks.Length * CompressedBlock.SizeBytes;

    internal CompressedBlock this[int index] => _blocks[index];

    /// <summary>The size of a block in the log.</summary>
    internal int LogBytesOf(int index)
    {
        var end = index + 1 < _blocks.Length ? _blocks[index + 1].LogPosition : _head.LogLengthBytes;
        return (int)(end - _blocks[index].LogPosition);
    }

    /// <summary>The size of a block as it is stored.</summary>
    internal int StoredBytesOf(int index)
    {
        var end = index + 1 < _blocks.Length ? _blocks[index + 1].StoredPosition : _head.StoredLengthBytes;
        return (int)(end - _blocks[index].StoredPosition);
    }

    /// <summary>
    /// The index of the block that holds a position of the log, from the end of its header to its end.
    /// </summary>
    internal int Find(long logPosition)
    {
        var (low, high) = (0, _blocks.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (_blocks[middle].LogPosition <= logPosition) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    /// <summary>Decodes and checks a directory.</summary>
    /// <param name="head">The head in front of it.</param>
    /// <param name="bytes">Its bytes, as many as the head says.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="WalDamagedException">The bytes are no directory, or not that of the head.</exception>
    internal static BlockDirectory Decode(CompressedHead head, ReadOnlySpan<byte> bytes, string path)
    {
        var checksum = Crc32C.Compute(bytes);
        if (checksum != head.DirectoryChecksum)
        {
            var expected = $"a block directory with the checksum {head.DirectoryChecksum:x8}";
            throw new WalDamagedException(path, CompressedHead.SizeBytes, expected, $"{checksum:x8}");
        }
        var blocks = new CompressedBlock[head.BlockCount];
        for (var i = 0; i < blocks.Length; i++)
            blocks[i] = CompressedBlock.Decode(bytes[(i * CompressedBlock.SizeBytes)..]);
        var directory = new BlockDirectory(head, blocks);
        for (var i = 0; i < blocks.Length; i++) directory.Check(i, path);
        return directory;
    }

    // Memory is allocated by these sizes, so they are checked although the checksum matches.
    private void Check(int index, string path)
    {
        var (logEnd, storedEnd) = index + 1 < _blocks.Length
            ? (_blocks[index + 1].LogPosition, _blocks[index + 1].StoredPosition)
            : (_head.LogLengthBytes, _head.StoredLengthBytes);
        var block = _blocks[index];
        var (logBytes, storedBytes) = (logEnd - block.LogPosition, storedEnd - block.StoredPosition);
        var isFirstRight = index > 0 || (block.LogPosition == SegmentHeader.SizeBytes
            && block.StoredPosition == CompressedHead.BlocksAt(_blocks.Length));
        if (isFirstRight && logBytes > 0 && storedBytes > 0 && storedBytes <= logBytes
            && logBytes <= _head.LargestBlockBytes)
            return;
        throw new WalDamagedException(
            path, CompressedHead.SizeBytes + (long)index * CompressedBlock.SizeBytes,
            $"a block of at most {_head.LargestBlockBytes} bytes behind the one before",
            $"log position {block.LogPosition} and {logBytes} bytes, "
                + $"stored at {block.StoredPosition} in {storedBytes}");
    }
}
