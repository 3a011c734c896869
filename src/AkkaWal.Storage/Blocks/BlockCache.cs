using System.Diagnostics;
using AkkaWal.Storage.Frames;

namespace AkkaWal.Storage.Blocks;

/// <summary>
/// The blocks of a log that were decompressed last, up to a number of bytes. Reads of neighbouring records, and the
/// next chunk of a scan, find their block here. All readers of the log share it, from any thread.
/// </summary>
/// <remarks>
/// The key of a block comes from its contents and not from its file, so a segment that is opened again finds its
/// blocks. Copies are made under the lock: an array that was removed goes back to the pool, and no reader may still use
/// it. Arrays and nodes are used again, so that a read that misses allocates only its result.
/// </remarks>
/// <param name="maxBytes">The most bytes to keep; 0 keeps none.</param>
internal sealed class BlockCache(long maxBytes)
{
    /// <summary>
    /// A block that takes more than one part in this many is not kept: it would displace too many others.
    /// </summary>
    private const int LargestPart = 4;

    /// <summary>What a block takes besides its bytes: an array's header, a node, an entry of the dictionary.</summary>
    private const int BytesPerBlock = 192;

    private readonly Lock _changing = new();
    private readonly Dictionary<BlockKey, LinkedListNode<KeptBlock>> _blocks = [];

    // The most recently used block comes first.
    private readonly LinkedList<KeptBlock> _byUse = new();
    private long _keptBytes;

    /// <summary>How many bytes it keeps now: at most its limit.</summary>
    internal long KeptBytes
    {
        get
        {
            lock (_changing) return _keptBytes;
        }
    }

    /// <summary>Copies a part of a block; false where the block is not kept.</summary>
    /// <param name="key">The block.</param>
    /// <param name="from">The start of the part in the block.</param>
    /// <param name="part">Takes the part, which must end within the block.</param>
    internal bool TryCopy(BlockKey key, int from, Span<byte> part)
    {
        if (maxBytes == 0) return false;
        lock (_changing)
        {
            if (!_blocks.TryGetValue(key, out var node)) return false;
            if (_byUse.First != node)
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
            }
            node.Value.Array.AsSpan(from, part.Length).CopyTo(part);
            return true;
        }
    }

    /// <summary>Takes a decompressed block, and keeps it or returns its array to the pool.</summary>
    /// <param name="key">The block.</param>
    /// <param name="array">An array from <see cref="ScanBuffers"/> that starts with it. The caller gives it up.</param>
    internal void Add(BlockKey key, byte[] array)
    {
        var bytes = CostOf(array);
        if (bytes > maxBytes / LargestPart)
        {
            ScanBuffers.Return(array);
            return;
        }
        lock (_changing)
        {
            if (_blocks.ContainsKey(key))
            {
                // Another thread has decompressed the same block meanwhile.
                ScanBuffers.Return(array);
                return;
            }
            LinkedListNode<KeptBlock>? node = null;
            while (_keptBytes + bytes > maxBytes) node = RemoveLast();
            node ??= new LinkedListNode<KeptBlock>(default);
            node.Value = new KeptBlock(key, array);
            _byUse.AddFirst(node);
            _blocks.Add(key, node);
            _keptBytes += bytes;
            Debug.Assert(_keptBytes <= maxBytes, "the cache stays within its limit");
            Debug.Assert(_blocks.Count == _byUse.Count, "each block that is kept is listed once");
        }
    }

    private static long CostOf(byte[] array) => array.Length + BytesPerBlock;

    private LinkedListNode<KeptBlock> RemoveLast()
    {
        var last = _byUse.Last!;
        _byUse.RemoveLast();
        _blocks.Remove(last.Value.Key);
        _keptBytes -= CostOf(last.Value.Array);
        ScanBuffers.Return(last.Value.Array);
        return last;
    }

    private readonly record struct KeptBlock(BlockKey Key, byte[] Array);
}

/// <summary>
/// The identity of a block: no two blocks of a log have the same.
/// </summary>
/// <param name="Salt">The salt of its segment.</param>
/// <param name="LogPosition">Its position in the log file.</param>
/// <param name="LogChecksum">The checksum of its bytes in the log file.</param>
internal readonly record struct BlockKey(ulong Salt, uint LogPosition, uint LogChecksum);
