using AkkaWal.Storage.Blocks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// Writes a sealed segment as a <c>.logz</c> file. It verifies each frame that it reads, and decompresses each block
/// again to compare it, because the log file will be deleted.
/// </summary>
internal sealed class CompressedLogWriter
{
    private const int WriteBytes = 256 << 10;

    private readonly SegmentReader _source;
    private readonly IWalFile? _target;
    private readonly CompressionCodec _codecId;
    private readonly BlockCodec? _codec;
    private readonly CancellationToken _cancellation;
    private readonly List<CompressedBlock> _blocks = [];
    private readonly byte[] _pending = new byte[WriteBytes];
    private byte[] _log = new byte[BlockCodec.BlockBytes];
    private byte[] _stored = new byte[BlockCodec.BlockBytes];
    private byte[] _check = new byte[BlockCodec.BlockBytes];
    private int _pendingBytes;
    private long _end;

    private CompressedLogWriter(
        SegmentReader source, IWalFile? target, CompressionCodec codec, CancellationToken cancellation)
    {
        (_source, _target, _codecId, _cancellation) = (source, target, codec, cancellation);
        _codec = target is null ? null : BlockCodec.Find(codec)!;
    }

    /// <summary>Writes the whole file, without a sync.</summary>
    /// <param name="source">The segment.</param>
    /// <param name="target">An empty file.</param>
    /// <param name="codec">A codec that this version knows.</param>
    /// <param name="mostBytes">The largest size that the file may have.</param>
    /// <param name="cancellation">Asked before each block. The file is then incomplete.</param>
    /// <returns>The file's size in bytes; 0 where it would exceed the limit, and then the file is incomplete.</returns>
    /// <exception cref="WalDamagedException">A frame of the segment is damaged.</exception>
    internal static long Write(
        SegmentReader source, IWalFile target, CompressionCodec codec, long mostBytes,
        CancellationToken cancellation = default)
    {
        var writer = new CompressedLogWriter(source, target, codec, cancellation);
        return writer.Run(mostBytes) is { } head ? head.StoredLengthBytes : 0;
    }

    /// <summary>
    /// The proof of a plain log file: the head and the block directory of a compressed file whose blocks are all stored
    /// uncompressed. Null where that file would be too large.
    /// </summary>
    /// <exception cref="WalDamagedException">A frame of the segment is damaged.</exception>
    internal static (byte[] Bytes, uint Checksum)? Prove(
        SegmentReader source, CancellationToken cancellation = default)
    {
        var writer = new CompressedLogWriter(source, null, CompressionCodec.Brotli, cancellation);
        if (writer.Run(uint.MaxValue) is not { } head) return null;
        return ([.. head.Encode(), .. writer.Directory()], head.DirectoryChecksum);
    }

    private byte[] Directory()
    {
        var directory = new byte[_blocks.Count * CompressedBlock.SizeBytes];
        for (var i = 0; i < _blocks.Count; i++) _blocks[i].Encode(directory.AsSpan(i * CompressedBlock.SizeBytes));
        return directory;
    }

    private CompressedHead? Run(long mostBytes)
    {
        var segment = _source.Segment;
        var blockCount = EndsOfBlocks().Count();
        var start = CompressedHead.BlocksAt(blockCount);
        _end = start;
        var (first, largestBytes) = (segment.BaseOffset, 0);
        foreach (var next in EndsOfBlocks())
        {
            _cancellation.ThrowIfCancellationRequested();
            largestBytes = Math.Max(largestBytes, AddBlock(first, next));
            if (_end > mostBytes) return null;
            first = next;
        }
        Flush();
        var directory = Directory();
        var head = new CompressedHead(
            _codecId, _source.Header, segment.NextOffset, _source.Records.End.EndPosition, _end, blockCount,
            largestBytes, Crc32C.Compute(directory));
        _target?.Write(0, [.. head.Encode(), .. directory]);
        return head;
    }

    /// <summary>
    /// The offset that follows each block. A block holds as many whole frames as fit; a frame that is larger is a block
    /// of its own.
    /// </summary>
    private IEnumerable<long> EndsOfBlocks()
    {
        var segment = _source.Segment;
        var first = segment.BaseOffset;
        for (var offset = first + 1; offset < segment.NextOffset; offset++)
        {
            var bytes = _source.Records.PositionOf(offset + 1) - _source.Records.PositionOf(first);
            if (bytes <= BlockCodec.BlockBytes) continue;
            yield return offset;
            first = offset;
        }
        yield return segment.NextOffset;
    }

    private int AddBlock(long first, long next)
    {
        var position = _source.Records.PositionOf(first);
        var log = Rent(ref _log, checked((int)(_source.Records.PositionOf(next) - position)));
        _source.Records.ReadFrames(first, next, log);
        var logChecksum = Crc32C.Compute(log);
        if (_codec is null)
        {
            _blocks.Add(new CompressedBlock((uint)position, (uint)_end, logChecksum, logChecksum));
            _end += log.Length;
            return log.Length;
        }
        var stored = Rent(ref _stored, log.Length);
        var check = Rent(ref _check, log.Length);
        var count = _codec.Compress(log, stored);
        var isRight = count > 0 && _codec.TryDecompress(stored[..count], check) && check.SequenceEqual(log);
        stored = isRight ? stored[..count] : log;
        _blocks.Add(new CompressedBlock((uint)position, (uint)_end, Crc32C.Compute(stored), logChecksum));
        Append(stored);
        return log.Length;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_pendingBytes + bytes.Length > _pending.Length) Flush();
        if (bytes.Length > _pending.Length) _target!.Write(_end, bytes);
        else
        {
            bytes.CopyTo(_pending.AsSpan(_pendingBytes));
            _pendingBytes += bytes.Length;
        }
        _end += bytes.Length;
    }

    private void Flush()
    {
        if (_pendingBytes > 0) _target!.Write(_end - _pendingBytes, _pending.AsSpan(0, _pendingBytes));
        _pendingBytes = 0;
    }

    private static Span<byte> Rent(ref byte[] buffer, int bytes)
    {
        if (buffer.Length < bytes) buffer = new byte[bytes];
        return buffer.AsSpan(0, bytes);
    }
}
