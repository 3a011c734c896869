using System.Diagnostics;
using AkkaWal.Storage.Frames;

namespace AkkaWal.Storage.Blocks;

/// <summary>
/// A log's decompressed blocks that were read last, up to a number of bytes: neighbouring records, and the next chunk
/// of a scan, find their block here. All who read the log share it, from any thread.
/// </summary>
/// <remarks>
/// A block is known by what it holds and not by its file, so that a segment that is opened anew finds its blocks
/// again. Whoever finds one copies it under the lock: an array that is let go goes back to the pool, and nobody reads
/// it any more. Arrays and nodes are used again, so that a read that finds nothing here allocates nothing but what it
/// returns.
/// </remarks>
/// <param name="maxBytes">What it may keep; 0 for nothing.</param>
internal sealed class BlockCache(long maxBytes)
{
    /// <summary>
    /// A block that takes more than this part of the cache is not kept: it would drive out too many others.
    /// </summary>
    private const int LargestPart = 4;

    /// <summary>What a block takes besides its bytes: an array's header, a node, an entry of the dictionary.</summary>
    private const int BytesPerBlock = 192;

    private readonly Lock _changing = new();
    private readonly Dictionary<BlockKey, LinkedListNode<KeptBlock>> _blocks = [];

    // The one that was used last comes first.
    private readonly LinkedList<KeptBlock> _byUse = new();
    private long _keptBytes;

    /// <summary>What it keeps, in bytes; never more than it may.</summary>
    internal long KeptBytes
    {
        get
        {
            lock (_changing) return _keptBytes;
        }
    }

    /// <summary>Copies a part of a block, if it is kept.</summary>
    /// <param name="key">The block.</param>
    /// <param name="from">Where in the block the part begins.</param>
    /// <param name="part">As large as the part, which ends within the block.</param>
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

    /// <summary>Takes over a block that was decompressed, to keep it or to give its array back.</summary>
    /// <param name="key">The block.</param>
    /// <param name="array">An array of <see cref="ScanBuffers"/> that begins with it. The caller's no more.</param>
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
                // Another thread needed it at the same time.
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
/// What tells one block of a log from all others: its segment file's own salt, and what its directory entry says of
/// it.
/// </summary>
/// <param name="Salt">The segment's.</param>
/// <param name="LogPosition">Where it starts in the log file.</param>
/// <param name="LogChecksum">Of its bytes in the log file.</param>
internal readonly record struct BlockKey(ulong Salt, uint LogPosition, uint LogChecksum);
