using System.Diagnostics;
using AkkaWal.Storage.Blocks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Wrappers;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// Where a log's segments are and with which options they are kept. Shared by everything below the catalog. Immutable.
/// </summary>
internal sealed record SegmentFiles(IWalFileSystem Disk, string Directory, Guid LogId, WalOptions Options)
{
    /// <summary>Stands for the path in errors where no archive is set.</summary>
    internal const string ArchivePath = "the archive";

    /// <summary>The cache of decompressed blocks. A copy of these with another log id shares it.</summary>
    internal BlockCache Blocks { get; } = new(Options.MaxBlockCacheBytes);

    /// <summary>The requests to the file system that the log can do without.</summary>
    internal Courtesies Courtesies { get; init; } = new(static _ => { });

    /// <summary>
    /// Removes the write permission of a file that will not change, where the file system supports it.
    /// </summary>
    internal void MakeReadOnly(string path) => Courtesies.Ask(() => Disk.MakeReadOnly(path));

    /// <summary>Checks the ownership of the directory: before each write and before each acknowledgement.</summary>
    /// <exception cref="WalIOException">The directory is no longer owned, or that can't be told.</exception>
    internal void ThrowIfLost() => (Disk as OwnedDirectory)?.ThrowIfLost();

    /// <summary>Whether the last check found that another owner has taken the log over.</summary>
    internal bool IsTakenOver => Disk is OwnedDirectory { IsTakenOver: true };

    /// <summary>
    /// Checks the directory, and that an open file still has its name: another file may have taken its place.
    /// </summary>
    /// <exception cref="WalIOException">
    /// The directory is no longer owned or the file has lost its name (<see cref="WalIOException.IsNotOwned"/>), or
    /// that can't be told.
    /// </exception>
    internal void ThrowIfLost(IWalFile written)
    {
        ThrowIfLost();
        if (written.IsNamed()) return;
        var why = "it is not the file any more that is written: it was moved, removed or replaced";
        throw new WalIOException("write to", written.Path, WalIOCause.NotOwned, why);
    }

    /// <summary>
    /// Checks the ownership before a reader is told where the log ends. Only on storage that machines share another
    /// owner can have gone on behind that end.
    /// </summary>
    /// <param name="written">The active segment's file; null to check the directory alone.</param>
    /// <returns>
    /// Why the log is lost, or why that can't be told; null where it is owned, or no owner was named.
    /// </returns>
    internal WalIOException? WhyLost(IWalFile? written = null)
    {
        if (Options.Owner.Length == 0) return null;
        try
        {
            if (written is null) ThrowIfLost();
            else ThrowIfLost(written);
            return null;
        }
        catch (WalIOException e)
        {
            return e;
        }
    }

    /// <summary>Opens the log's directory for reading.</summary>
    /// <exception cref="WalAbsentException">The directory is missing.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal IWalDirectory OpenDirectory() => Disk.Stat(Directory) is null
        ? throw new WalAbsentException(PathOf(SegmentName.Manifest), "the MANIFEST of a log")
        : Disk.OpenDirectory(Directory);

    internal string PathOf(string name) => Path.Combine(Directory, name);

    internal string LogPath(long baseOffset) => PathOf(SegmentName.Log(baseOffset));

    internal string IndexPath(long baseOffset) => PathOf(SegmentName.Index(baseOffset));

    internal string CompressedPath(long baseOffset) => PathOf(SegmentName.Compressed(baseOffset));

    /// <summary>
    /// How many bytes behind the last sync a crash can have torn; <c>NoWindow</c> where nothing bounds it.
    /// </summary>
    internal ulong UnsyncedWindowBytes =>
        Options.Flush == FlushPolicy.Always ? (ulong)Options.MaxCommitBytes : IndexSlot.NoWindow;

    /// <summary>Replaces the MANIFEST, and returns when it is on the disk.</summary>
    internal void SaveManifest(Manifest manifest)
    {
        Disk.WriteWhole(PathOf(SegmentName.Manifest), manifest.Encode());
        Disk.SyncDirectory(Directory);
    }

    internal IndexSlot EmptyIndexSlot(SegmentHeader header) => new(
        IndexState.Active, header.Salt, header.BaseOffset, 0,
        new Watermark(header.BaseOffset, SegmentHeader.SizeBytes), UnsyncedWindowBytes, 0, 0);

    /// <summary>Opens a segment's plain log file and checks its header.</summary>
    /// <exception cref="WalFaultException">The file is missing, or is not that segment.</exception>
    internal (IWalFile File, SegmentHeader Header) OpenLog(long baseOffset, FileAccessMode mode) =>
        WithHeader(OpenExisting(LogPath(baseOffset), mode), baseOffset);

    /// <summary>The archive.</summary>
    /// <exception cref="WalIOException">No archive is set.</exception>
    internal ISegmentArchive Archive => Options.Archive
        ?? throw new WalIOException("look into", ArchivePath, false, "no archive is set");

    /// <summary>Where a file of one of the log's places in the archive is, as text for operators.</summary>
    internal string ArchivedPath(int place, string name) =>
        Options.Archive?.Describe(PlaceId(place), name) ?? ArchivePath;

    /// <summary>
    /// Opens a sealed segment for reading, compressed or archived as it may be. It reads like the plain log file.
    /// </summary>
    /// <param name="segment">The segment.</param>
    /// <param name="isMapped">Whether to map it into memory, where it is a plain file beside the log.</param>
    /// <exception cref="WalFaultException">The file is missing, or is not that segment.</exception>
    /// <exception cref="WalIOException">The platform failed, or the archive can't be reached.</exception>
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
    /// Opens a compressed segment's file, with its blocks still compressed. Errors as <see cref="OpenSealed"/>.
    /// </summary>
    internal IWalFile OpenCompressed(SealedSegment segment) => segment.IsArchived
        ? Archive.Open(PlaceId(segment.Place), SegmentName.Compressed(segment.BaseOffset))
        : OpenExisting(CompressedPath(segment.BaseOffset), FileAccessMode.Read);

    /// <summary>
    /// The id of one of the log's places in the archive: the log's id, with the place's number added to the last two
    /// bytes by exclusive or.
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
        // Archived by a version that stored no proof: only the header can be checked.
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

    /// <summary>Opens a sealed segment's index; null where it has none.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="isMapped">Whether to map it into memory, where it is beside the log.</param>
    /// <exception cref="WalIOException">The platform failed, or the archive can't be reached.</exception>
    internal IWalFile? TryOpenIndex(SealedSegment segment, bool isMapped = false)
    {
        var path = IndexPath(segment.BaseOffset);
        if (!segment.IsArchived)
            return Disk.Stat(path) is { Kind: WalEntryKind.File }
                ? Disk.Open(path, isMapped ? FileAccessMode.ReadMapped : FileAccessMode.Read)
                : null;
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
    /// <exception cref="WalAbsentException">The file is missing.</exception>
    /// <exception cref="WalForeignException">It is no plain file.</exception>
    internal IWalFile OpenExisting(string path, FileAccessMode mode) => Disk.Stat(path) switch
    {
        null => throw new WalAbsentException(path, "a segment"),
        { Kind: not WalEntryKind.File } => throw WalForeignException.NoPlainFile(path),
        _ => Disk.Open(path, mode),
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
    /// <exception cref="WalFaultException">The header is bad, or is not that segment's.</exception>
    internal SegmentHeader HeaderOf(IWalFile file, long baseOffset)
    {
        Span<byte> head = stackalloc byte[SegmentHeader.SizeBytes];
        var count = file.Read(0, head);
        return SegmentHeader.Decode(head[..count], file.Path, LogId, baseOffset);
    }
}
