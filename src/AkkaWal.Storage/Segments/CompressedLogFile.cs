using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;
using AkkaWal.Storage.Maintenance;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// A compressed segment as if it were the log file that it was made from: the same bytes at the same positions. A read costs the
/// blocks that it touches; the last one stays decompressed. A block that is not what its checksums say reads as the end of the file.
/// Any thread may read.
/// </summary>
internal sealed class CompressedLogFile : ImmutableFile
{
    /// <summary>What one open segment keeps at most; a larger block, of one large record, is let go.</summary>
    private const int LargestKeptBytes = 1 << 20;

    private readonly IWalFile _stored;
    private readonly CompressedHead _head;
    private readonly BlockDirectory _directory;
    private readonly byte[] _header;
    private DecompressedBlock? _spare;

    private CompressedLogFile(IWalFile stored, CompressedHead head, BlockDirectory directory)
    {
        (_stored, _head, _directory) = (stored, head, directory);
        _header = head.Segment.Encode();
    }

    public override string Path => _stored.Path;

    public override long LengthBytes => _head.LogLengthBytes;

    /// <summary>The log file's own header.</summary>
    internal SegmentHeader Header => _head.Segment;

    /// <summary>Takes a compressed file; disposing this disposes it.</summary>
    /// <param name="stored">The file.</param>
    /// <param name="logId">The log that it must be of.</param>
    /// <param name="segment">The segment that it must be.</param>
    /// <exception cref="WalDamagedException">Its head or its block directory is bad, or of something else; it is disposed.</exception>
    internal static CompressedLogFile Open(IWalFile stored, Guid logId, SealedSegment segment)
    {
        try
        {
            Span<byte> bytes = stackalloc byte[CompressedHead.SizeBytes];
            var head = CompressedHead.Decode(bytes[..stored.Read(0, bytes)], stored.Path, logId, segment.BaseOffset);
            Check(head, stored, segment);
            var directory = new byte[(int)(CompressedHead.BlocksAt(head.BlockCount) - CompressedHead.SizeBytes)];
            var count = stored.Read(CompressedHead.SizeBytes, directory);
            return new CompressedLogFile(stored, head, BlockDirectory.Decode(head, directory.AsSpan(0, count), stored.Path));
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }

    public override int Read(long position, Span<byte> buffer)
    {
        var done = 0;
        if (position < SegmentHeader.SizeBytes)
        {
            var header = _header.AsSpan((int)position);
            done = Math.Min(header.Length, buffer.Length);
            header[..done].CopyTo(buffer);
        }
        if (done == buffer.Length || position + done >= LengthBytes) return done;
        // Taken out while it is used, so that no other thread fills it meanwhile; whoever finds none makes one.
        var block = Interlocked.Exchange(ref _spare, null) ?? new DecompressedBlock();
        for (var index = _directory.Find(position + done); done < buffer.Length && index < _directory.Count && TryFill(block, index); index++)
        {
            var from = (int)(position + done - _directory[index].LogPosition);
            var part = block.Log.AsSpan(from, Math.Min(_directory.LogBytesOf(index) - from, buffer.Length - done));
            part.CopyTo(buffer[done..]);
            done += part.Length;
        }
        if (block.Log.Length <= LargestKeptBytes) Volatile.Write(ref _spare, block);
        return done;
    }

    public override void Dispose() => _stored.Dispose();

    private bool TryFill(DecompressedBlock block, int index)
    {
        if (block.Index == index) return true;
        block.Index = -1;
        var (logBytes, storedBytes) = (_directory.LogBytesOf(index), _directory.StoredBytesOf(index));
        block.Reserve(logBytes, storedBytes);
        var log = block.Log.AsSpan(0, logBytes);
        var stored = storedBytes == logBytes ? log : block.Stored.AsSpan(0, storedBytes);
        var entry = _directory[index];
        if (_stored.Read(entry.StoredPosition, stored) < storedBytes || Crc32C.Compute(stored) != entry.StoredChecksum) return false;
        if (storedBytes < logBytes && !BlockCodec.TryDecompress(stored, log)) return false;
        if (Crc32C.Compute(log) != entry.LogChecksum) return false;
        block.Index = index;
        return true;
    }

    // Everything is held against the file and the catalog before it is allocated.
    private static void Check(CompressedHead head, IWalFile stored, SealedSegment segment)
    {
        var logBytes = SegmentHeader.SizeBytes + segment.SizeBytes;
        if (head.NextOffset != segment.NextOffset || head.LogLengthBytes != logBytes)
            throw new WalDamagedException(stored.Path, 80, $"records up to offset {segment.NextOffset - 1} in {logBytes} bytes", $"up to {head.NextOffset - 1} in {head.LogLengthBytes}");
        if (head.StoredLengthBytes != stored.LengthBytes)
            throw new WalDamagedException(stored.Path, stored.LengthBytes, $"{head.StoredLengthBytes} bytes", $"{stored.LengthBytes}");
        if (head.BlockCount < 0 || CompressedHead.BlocksAt(head.BlockCount) > head.StoredLengthBytes || head.LargestBlockBytes > logBytes)
            throw new WalDamagedException(stored.Path, 104, "blocks that fit into the file", $"{head.BlockCount} of at most {head.LargestBlockBytes} bytes");
    }

    private sealed class DecompressedBlock
    {
        internal int Index { get; set; } = -1;

        internal byte[] Log { get; private set; } = [];

        internal byte[] Stored { get; private set; } = [];

        internal void Reserve(int logBytes, int storedBytes)
        {
            if (Log.Length < logBytes) Log = new byte[Math.Max(logBytes, BlockCodec.BlockBytes)];
            if (Stored.Length < storedBytes) Stored = new byte[Math.Max(storedBytes, BlockCodec.BlockBytes)];
        }
    }
}
