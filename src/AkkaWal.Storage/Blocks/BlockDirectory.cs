using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Blocks;

/// <summary>The blocks of a compressed segment, in memory: 16 bytes each. Immutable.</summary>
internal sealed class BlockDirectory
{
    private readonly CompressedBlock[] _blocks;
    private readonly CompressedHead _head;

    private BlockDirectory(CompressedHead head, CompressedBlock[] blocks) => (_head, _blocks) = (head, blocks);

    internal int Count => _blocks.Length;

    internal long MemoryBytes => (long)_blocks.Length * CompressedBlock.SizeBytes;

    internal CompressedBlock this[int index] => _blocks[index];

    /// <summary>The block's size in the log.</summary>
    internal int LogBytesOf(int index) => (int)((index + 1 < _blocks.Length ? _blocks[index + 1].LogPosition : _head.LogLengthBytes) - _blocks[index].LogPosition);

    /// <summary>The block's size as stored.</summary>
    internal int StoredBytesOf(int index) => (int)((index + 1 < _blocks.Length ? _blocks[index + 1].StoredPosition : _head.StoredLengthBytes) - _blocks[index].StoredPosition);

    /// <summary>The block that holds a position of the log, which lies behind the log's header and before its end.</summary>
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

    /// <summary>Reads a directory.</summary>
    /// <param name="head">The head that it follows.</param>
    /// <param name="bytes">Its bytes, as many as the head says.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="WalDamagedException">They are no directory, or not that head's.</exception>
    internal static BlockDirectory Decode(CompressedHead head, ReadOnlySpan<byte> bytes, string path)
    {
        var checksum = Crc32C.Compute(bytes);
        if (checksum != head.DirectoryChecksum) throw new WalDamagedException(path, CompressedHead.SizeBytes, $"a block directory with the checksum {head.DirectoryChecksum:x8}", $"{checksum:x8}");
        var blocks = new CompressedBlock[head.BlockCount];
        for (var i = 0; i < blocks.Length; i++) blocks[i] = CompressedBlock.Decode(bytes[(i * CompressedBlock.SizeBytes)..]);
        var directory = new BlockDirectory(head, blocks);
        for (var i = 0; i < blocks.Length; i++) directory.Check(i, path);
        return directory;
    }

    // Sizes are allocated by what stands here, so nothing is taken on trust, the checksum notwithstanding.
    private void Check(int index, string path)
    {
        var (logEnd, storedEnd) = index + 1 < _blocks.Length
            ? (_blocks[index + 1].LogPosition, _blocks[index + 1].StoredPosition)
            : (_head.LogLengthBytes, _head.StoredLengthBytes);
        var (logBytes, storedBytes) = (logEnd - _blocks[index].LogPosition, storedEnd - _blocks[index].StoredPosition);
        var isFirstRight = index > 0 || (_blocks[0].LogPosition == SegmentHeader.SizeBytes && _blocks[0].StoredPosition == CompressedHead.BlocksAt(_blocks.Length));
        if (isFirstRight && logBytes > 0 && storedBytes > 0 && storedBytes <= logBytes && logBytes <= _head.LargestBlockBytes) return;
        throw new WalDamagedException(
            path, CompressedHead.SizeBytes + (long)index * CompressedBlock.SizeBytes, $"a block of at most {_head.LargestBlockBytes} bytes behind the one before",
            $"log position {_blocks[index].LogPosition} and {logBytes} bytes, stored at {_blocks[index].StoredPosition} in {storedBytes}");
    }
}
