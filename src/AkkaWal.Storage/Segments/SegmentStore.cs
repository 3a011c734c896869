using System.Diagnostics;
using AkkaWal.Storage.Blocks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Segments;

/// <summary>Where a log's segments are and how they are kept: what everything below the catalog shares. Immutable.</summary>
internal sealed record SegmentStore(IWalFileSystem Files, string Directory, Guid LogId, WalOptions Options)
{
    /// <summary>Blocks of compressed segments; a store that differs in the log's id alone shares them.</summary>
    internal BlockCache Blocks { get; } = new(Options.MaxBlockCacheBytes);

    /// <summary>What the log's file system is asked for and need not do.</summary>
    internal Courtesies Courtesies { get; init; } = new(static _ => { });

    /// <summary>Takes the write permission from a file that changes no more, where the file system does that.</summary>
    internal void MakeReadOnly(string path) => Courtesies.Ask(() => Files.MakeReadOnly(path));

    /// <summary>To be asked before anything is written to an open file, and before it is acknowledged.</summary>
    /// <exception cref="WalIOException">The directory is its owner's no more, or that can't be told.</exception>
    internal void ThrowIfLost() => (Files as OwnedDirectory)?.ThrowIfLost();

    /// <summary>The same, where what is written goes to an open file: under its name another one may stand.</summary>
    /// <exception cref="WalIOException">The directory is its owner's no more, or the file has lost its name
    /// (<see cref="WalIOException.IsNotOwned"/>), or that can't be told.</exception>
    internal void ThrowIfLost(IWalFile written)
    {
        ThrowIfLost();
        if (written.IsNamed()) return;
        var why = "it is not the file any more that is written: it was moved, removed or replaced";
        throw new WalIOException("write to", written.Path, WalIOCause.NotOwned, why);
    }

    /// <summary>Opens the directory itself, to be read.</summary>
    /// <exception cref="WalAbsentException">It is not there.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal IWalDirectory OpenDirectory() => Files.Stat(Directory) is null
        ? throw new WalAbsentException(PathOf(SegmentName.Manifest), "the MANIFEST of a log")
        : Files.OpenDirectory(Directory);

    internal string PathOf(string name) => Path.Combine(Directory, name);

    internal string LogPath(long baseOffset) => PathOf(SegmentName.Log(baseOffset));

    internal string IndexPath(long baseOffset) => PathOf(SegmentName.Index(baseOffset));

    internal string CompressedPath(long baseOffset) => PathOf(SegmentName.Compressed(baseOffset));

    /// <summary>How many bytes behind the last sync a crash can have torn.</summary>
    internal ulong UnsyncedWindowBytes =>
        Options.Flush == FlushPolicy.Always ? (ulong)Options.MaxCommitBytes : IndexSlot.NoWindow;

    /// <summary>Replaces the MANIFEST and returns when it is on the disk.</summary>
    internal void SaveManifest(Manifest manifest)
    {
        Files.WriteWhole(PathOf(SegmentName.Manifest), manifest.Encode());
        Files.SyncDirectory(Directory);
    }

    internal IndexSlot EmptyIndexSlot(SegmentHeader header) => new(
        IndexState.Active, header.Salt, header.BaseOffset, 0, new Watermark(header.BaseOffset, SegmentHeader.SizeBytes), UnsyncedWindowBytes, 0, 0);

    /// <summary>Opens a segment's log and checks its header.</summary>
    /// <exception cref="WalFaultException">It is missing, or not that segment.</exception>
    internal (IWalFile File, SegmentHeader Header) OpenLog(long baseOffset, FileAccessMode mode) =>
        WithHeader(OpenExisting(LogPath(baseOffset), mode), baseOffset);

    /// <summary>The archive.</summary>
    /// <exception cref="WalIOException">There is none.</exception>
    internal ISegmentArchive Archive => Options.Archive ?? throw new WalIOException("look into", "the archive", false, "no archive is set");

    /// <summary>Opens a sealed segment for reading, wherever and however it is kept: as if it were the plain log file.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="isMapped">Whether to read it through a mapping, where it is a plain file beside the log.</param>
    /// <exception cref="WalFaultException">It is missing, or not that segment.</exception>
    /// <exception cref="WalIOException">It can't be reached.</exception>
    internal (IWalFile File, SegmentHeader Header) OpenSealed(SealedSegment segment, bool isMapped = false)
    {
        var isArchived = segment.IsArchived;
        if (!segment.IsCompressed)
            return isArchived ? OpenArchivedLog(segment)
                : OpenLog(segment.BaseOffset, isMapped ? FileAccessMode.ReadMapped : FileAccessMode.Read);
        var compressed = CompressedLogFile.Open(OpenCompressed(segment), this, segment);
        return (compressed, compressed.Header);
    }

    /// <summary>
    /// Opens a compressed segment's file as it lies beside the log or in the archive.
    /// Errors as <see cref="OpenSealed"/>.
    /// </summary>
    internal IWalFile OpenCompressed(SealedSegment segment) => segment.IsArchived
        ? Archive.Open(PlaceId(segment.Place), SegmentName.Compressed(segment.BaseOffset))
        : OpenExisting(CompressedPath(segment.BaseOffset), FileAccessMode.Read);

    /// <summary>
    /// The id of one of the log's places in the archive: the log's own, with the place's number in its last two bytes.
    /// </summary>
    internal Guid PlaceId(int place)
    {
        Debug.Assert(place is >= 0 and <= ushort.MaxValue, "a place is a number of 16 bits");
        Span<byte> bytes = stackalloc byte[16];
        LogId.TryWriteBytes(bytes);
        bytes[14] ^= (byte)(place >> 8);
        bytes[15] ^= (byte)place;
        return new Guid(bytes);
    }

    private (IWalFile File, SegmentHeader Header) OpenArchivedLog(SealedSegment segment)
    {
        var place = PlaceId(segment.Place);
        var log = Archive.Open(place, SegmentName.Log(segment.BaseOffset));
        // A version before this one proved nothing but the header.
        if (segment.ArchiveChecksum == 0) return WithHeader(log, segment.BaseOffset);
        try
        {
            using var proof = Archive.Open(place, SegmentName.Proof(segment.BaseOffset));
            var proved = CompressedLogFile.OpenProved(log, proof, this, segment);
            return (proved, proved.Header);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Opens a sealed segment's index; null where there is none.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="isMapped">Whether to read it through a mapping, where it is beside the log.</param>
    /// <exception cref="WalIOException">It can't be reached.</exception>
    internal IWalFile? TryOpenIndex(SealedSegment segment, bool isMapped = false)
    {
        var path = IndexPath(segment.BaseOffset);
        if (!segment.IsArchived)
            return Files.Stat(path) is { Kind: WalEntryKind.File } ? Files.Open(path, isMapped ? FileAccessMode.ReadMapped : FileAccessMode.Read) : null;
        try
        {
            return Archive.Open(PlaceId(segment.Place), SegmentName.Index(segment.BaseOffset));
        }
        catch (WalAbsentException)
        {
            return null;
        }
    }

    /// <summary>Opens a file that must be there.</summary>
    /// <exception cref="WalAbsentException">It is missing.</exception>
    /// <exception cref="WalForeignException">It is no plain file.</exception>
    internal IWalFile OpenExisting(string path, FileAccessMode mode) => Files.Stat(path) switch
    {
        null => throw new WalAbsentException(path, "a segment"),
        { Kind: not WalEntryKind.File } => throw WalForeignException.NoPlainFile(path),
        _ => Files.Open(path, mode),
    };

    private (IWalFile File, SegmentHeader Header) WithHeader(IWalFile file, long baseOffset)
    {
        try
        {
            return (file, HeaderOf(file, baseOffset));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The header of an open log file.</summary>
    /// <exception cref="WalFaultException">It is bad, or not of that segment.</exception>
    internal SegmentHeader HeaderOf(IWalFile file, long baseOffset)
    {
        Span<byte> head = stackalloc byte[SegmentHeader.SizeBytes];
        var count = file.Read(0, head);
        return SegmentHeader.Decode(head[..count], file.Path, LogId, baseOffset);
    }
}
