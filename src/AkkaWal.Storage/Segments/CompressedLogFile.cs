using System.Diagnostics;
using AkkaWal.Storage.Blocks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Wrappers;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// A compressed segment that reads like the log file it was made from: the same bytes at the same positions. A read
/// costs the blocks that it touches. Blocks that it needs whole are decompressed into the caller's buffer; blocks that
/// it needs in part stay in the log's <see cref="BlockCache"/>. A block that does not match its checksums reads as the
/// end of the file. Any thread may read.
/// </summary>
internal sealed class CompressedLogFile : ImmutableFile
{
    private readonly IWalFile _stored;
    private readonly CompressedHead _head;
    private readonly BlockDirectory _directory;
    private readonly BlockCodec _codec;
    private readonly BlockCache _blocks;
    private readonly byte[] _header;

    // Subtracted from a block's position in the directory to get its position in the file: not 0 for a plain log file.
    private readonly long _shiftBytes;

    private CompressedLogFile(
        IWalFile stored, CompressedHead head, BlockDirectory directory, BlockCache blocks, long shiftBytes)
    {
        (_stored, _head, _directory, _blocks, _shiftBytes) = (stored, head, directory, blocks, shiftBytes);
        _codec = BlockCodec.Find(head.Codec)!;
        _header = head.Segment.Encode();
    }

    public override string Path => _stored.Path;

    public override long LengthBytes => _head.LogLengthBytes;

    /// <summary>The memory that its block directory takes, in bytes.</summary>
    internal long DirectoryBytes => _directory.MemoryBytes;

    /// <summary>The checksum of its block directory, which contains the checksums of its blocks.</summary>
    internal uint DirectoryChecksum => _head.DirectoryChecksum;

    /// <summary>The header of the log file that was compressed.</summary>
    internal SegmentHeader Header => _head.Segment;

    /// <summary>
    /// Reads the head and the block directory of a compressed file. Disposing this disposes the file.
    /// </summary>
    /// <param name="stored">The file. It is disposed where this throws.</param>
    /// <param name="segmentFiles">The log that it must belong to.</param>
    /// <param name="segment">The segment that it must be.</param>
    /// <exception cref="WalFaultException">
    /// Its head or its block directory is damaged, foreign or of a newer version.
    /// </exception>
    internal static CompressedLogFile Open(IWalFile stored, SegmentFiles segmentFiles, SealedSegment segment)
    {
        try
        {
            var (head, directory) = ReadHead(stored, stored.LengthBytes, segmentFiles, segment);
            return new CompressedLogFile(stored, head, directory, segmentFiles.Blocks, 0);
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens a plain log file with its proof. The proof is the head and the block directory of a compressed file whose
    /// blocks are all stored uncompressed; the log file holds those blocks. Disposing this disposes the log file.
    /// </summary>
    /// <param name="log">The log file. It is disposed where this throws.</param>
    /// <param name="proof">Its proof. The caller disposes it.</param>
    /// <param name="segmentFiles">The log that both must belong to.</param>
    /// <param name="segment">The segment that both must be.</param>
    /// <exception cref="WalFaultException">
    /// The proof is bad, or one of the two files is foreign or of a newer version.
    /// </exception>
    internal static CompressedLogFile OpenProved(
        IWalFile log, IWalFile proof, SegmentFiles segmentFiles, SealedSegment segment)
    {
        try
        {
            var shiftBytes = proof.LengthBytes - SegmentHeader.SizeBytes;
            var (head, directory) = ReadHead(proof, log.LengthBytes + shiftBytes, segmentFiles, segment);
            Span<byte> bytes = stackalloc byte[SegmentHeader.SizeBytes];
            var header =
                SegmentHeader.Decode(bytes[..log.Read(0, bytes)], log.Path, segmentFiles.LogId, segment.BaseOffset);
            if (header.Salt != head.Segment.Salt)
                throw new WalForeignException(log.Path, 40, $"the salt {head.Segment.Salt:x16}", $"{header.Salt:x16}");
            return new CompressedLogFile(log, head, directory, segmentFiles.Blocks, shiftBytes);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    private static (CompressedHead Head, BlockDirectory Directory) ReadHead(
        IWalFile file, long storedBytes, SegmentFiles segmentFiles, SealedSegment segment)
    {
        Span<byte> bytes = stackalloc byte[CompressedHead.SizeBytes];
        var head =
            CompressedHead.Decode(bytes[..file.Read(0, bytes)], file.Path, segmentFiles.LogId, segment.BaseOffset);
        if (segment.ArchiveChecksum != 0 && head.DirectoryChecksum != segment.ArchiveChecksum)
            throw new WalForeignException(
                file.Path, CompressedHead.DirectoryChecksumAt,
                $"the checksum {segment.ArchiveChecksum:x8}, as the MANIFEST has it", $"{head.DirectoryChecksum:x8}");
        Check(head, file.Path, storedBytes, segment);
        var directory = new byte[(int)(CompressedHead.BlocksAt(head.BlockCount) - CompressedHead.SizeBytes)];
        var count = file.Read(CompressedHead.SizeBytes, directory);
        return (head, BlockDirectory.Decode(head, directory.AsSpan(0, count), file.Path));
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
        for (var index = _directory.Find(position + done); done < buffer.Length && index < _directory.Count; index++)
        {
            var from = (int)(position + done - _directory[index].LogPosition);
            var part = buffer.Slice(done, Math.Min(_directory.LogBytesOf(index) - from, buffer.Length - done));
            if (!TryReadPart(index, from, part)) break;
            done += part.Length;
        }
        return done;
    }

    public override void Dispose() => _stored.Dispose();

    private bool TryReadPart(int index, int from, Span<byte> part)
    {
        var logBytes = _directory.LogBytesOf(index);
        Debug.Assert(from >= 0 && part.Length > 0 && part.Length <= logBytes - from, "the part lies in its block");
        var entry = _directory[index];
        var key = new BlockKey(Header.Salt, entry.LogPosition, entry.LogChecksum);
        if (_blocks.TryCopy(key, from, part)) return true;
        if (part.Length == logBytes) return TryReadBlock(index, part);
        var block = ScanBuffers.Rent(logBytes);
        if (!TryReadBlock(index, block.AsSpan(0, logBytes)))
        {
            ScanBuffers.Return(block);
            return false;
        }
        block.AsSpan(from, part.Length).CopyTo(part);
        _blocks.Add(key, block);
        return true;
    }

    private bool TryReadBlock(int index, Span<byte> log)
    {
        var entry = _directory[index];
        var storedBytes = _directory.StoredBytesOf(index);
        // An uncompressed block: both checksums are of the same bytes.
        if (storedBytes == log.Length) return TryReadStored(entry, log) && entry.LogChecksum == entry.StoredChecksum;
        var array = ScanBuffers.Rent(storedBytes);
        try
        {
            var stored = array.AsSpan(0, storedBytes);
            return TryReadStored(entry, stored)
                && _codec.TryDecompress(stored, log)
                && Crc32C.Compute(log) == entry.LogChecksum;
        }
        finally
        {
            ScanBuffers.Return(array);
        }
    }

    private bool TryReadStored(CompressedBlock entry, Span<byte> stored) =>
        _stored.Read(entry.StoredPosition - _shiftBytes, stored) == stored.Length
        && Crc32C.Compute(stored) == entry.StoredChecksum;

    // Checks every length against the file and the catalog before anything of that length is allocated.
    private static void Check(CompressedHead head, string path, long storedBytes, SealedSegment segment)
    {
        var logBytes = SegmentHeader.SizeBytes + segment.SizeBytes;
        if (head.NextOffset != segment.NextOffset || head.LogLengthBytes != logBytes)
            throw new WalDamagedException(
                path, 80, $"records up to offset {segment.NextOffset - 1} in {logBytes} bytes",
                $"up to {head.NextOffset - 1} in {head.LogLengthBytes}");
        if (head.StoredLengthBytes != storedBytes)
            throw new WalDamagedException(path, storedBytes, $"{head.StoredLengthBytes} bytes", $"{storedBytes}");
        if (head.BlockCount < 0 || CompressedHead.BlocksAt(head.BlockCount) > head.StoredLengthBytes)
            throw new WalDamagedException(
                path, 104, "a block directory that fits into the file", $"{head.BlockCount} blocks");
        // A block that is larger than blocks should be holds one frame.
        var mostBytes = Math.Min(logBytes, Frame.SizeOf(Frame.MaxPayloadBytes));
        if (head.LargestBlockBytes < 0 || head.LargestBlockBytes > mostBytes)
            throw new WalDamagedException(
                path, 108, "blocks of one frame at most", $"one of {head.LargestBlockBytes} bytes");
    }
}
