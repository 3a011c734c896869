using System.Globalization;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// Repairs of a log that nobody has open, each only what its name says. What one removes is kept in a dated folder below
/// <c>set-aside/</c>. Verify first: it says which one is needed.
/// </summary>
/// <remarks>Each takes the log's lock, and throws <see cref="WalLockedException"/> where somebody holds it.</remarks>
public sealed class LogRepair
{
    private readonly SegmentStore _store;

    private LogRepair(SegmentStore store) => _store = store;

    /// <summary>Makes a segment's index anew from its log. Needs a log without a fault up to its end.</summary>
    /// <exception cref="WalDamagedException">The log is damaged: its index can't be made from it.</exception>
    public static RepairReport RebuildIndex(string directory, long baseOffset, WalOptions? options = null, IWalFileSystem? files = null) =>
        Locked(directory, options, files, repair => repair.RebuildIndex(baseOffset));

    /// <summary>Cuts the last segment at its first bad frame, acknowledged records behind it or not.</summary>
    public static RepairReport CutTail(string directory, WalOptions? options = null, IWalFileSystem? files = null) =>
        Locked(directory, options, files, repair => repair.CutTail());

    /// <summary>Takes a sealed segment out of the log: its records are a gap from then on.</summary>
    /// <exception cref="ArgumentException">It is the active segment, or none of the log's.</exception>
    public static RepairReport SetSegmentAside(string directory, long baseOffset, WalOptions? options = null, IWalFileSystem? files = null) =>
        Locked(directory, options, files, repair => repair.SetSegmentAside(baseOffset));

    /// <summary>Makes a lost or damaged MANIFEST anew from the segments. What is missing between them counts as deleted from then on.</summary>
    /// <exception cref="WalDamagedException">No segment's header tells which log this is.</exception>
    public static RepairReport RebuildManifest(string directory, WalOptions? options = null, IWalFileSystem? files = null)
    {
        using var held = OwnedDirectory.Take(files ?? PosixFileSystem.Instance, directory);
        var store = new SegmentStore(held, directory, Guid.Empty, options ?? new WalOptions());
        var bases = BasesIn(store);
        var logId = bases.Select(b => SegmentProbe.TryReadLogId(store, b)).FirstOrDefault(id => id is not null)
            ?? throw new WalDamagedException(directory, 0, "a segment whose header is whole", $"none among {bases.Count}");
        return new LogRepair(store with { LogId = logId }).RebuildManifest(bases);
    }

    private static RepairReport Locked(string directory, WalOptions? options, IWalFileSystem? files, Func<LogRepair, RepairReport> repair)
    {
        using var held = OwnedDirectory.Take(files ?? PosixFileSystem.Instance, directory);
        var path = Path.Combine(directory, SegmentName.Manifest);
        var manifest = Manifest.Decode(held.ReadWhole(path), path);
        return repair(new LogRepair(new SegmentStore(held, directory, manifest.LogId, options ?? new WalOptions())));
    }

    private RepairReport RebuildIndex(long baseOffset)
    {
        var bases = BasesIn(_store);
        var isLast = bases.Count > 0 && bases[^1] == baseOffset;
        var known = ReadManifest().SealedSegments.FirstOrDefault(s => s.BaseOffset == baseOffset);
        if ((known.State & SegmentState.Archived) != 0) throw new ArgumentException($"{SegmentName.Log(baseOffset)} is in the archive, its index too", nameof(baseOffset));
        var folder = KeepCopy(_store.IndexPath(baseOffset));
        var (log, header) = known.NextOffset > 0 ? _store.OpenSealed(known) : _store.OpenLog(baseOffset, FileAccessMode.Read);
        using (log)
        {
            var start = new Watermark(baseOffset, SegmentHeader.SizeBytes);
            using var scanner = new FrameScanner(log, Frame.SaltState(header.Salt), start, log.LengthBytes);
            var positions = new PositionTable();
            while (scanner.MoveNext()) positions.Add(scanner.Position);
            if (!isLast && (scanner.Fault is not null || scanner.Continues || scanner.Position != log.LengthBytes))
                throw new WalDamagedException(log.Path, scanner.Position, $"the frame of offset {scanner.Offset}", scanner.Fault ?? "an unfinished batch");
            // Of the last segment, opening the log makes the index; all it needs is a file that promises nothing.
            WriteIndex(header, isLast ? new PositionTable() : positions, isLast ? start : new Watermark(scanner.Offset, scanner.Position), isLast ? IndexState.Active : IndexState.Sealed);
        }
        return new RepairReport(folder, null, null);
    }

    private RepairReport CutTail()
    {
        var baseOffset = BasesIn(_store) is [.., var last] ? last : throw new ArgumentException("the log has no segment");
        var (log, header) = _store.OpenLog(baseOffset, FileAccessMode.ReadWrite);
        using (log)
        {
            var survey = TailSurvey.Of(_store, log, header, trustCleanMark: false);
            if (survey.TailBytes == 0 && survey.Watermark.EndPosition <= survey.End.EndPosition) return new RepairReport(null, null, null);
            var folder = KeepCopy(log.Path);
            log.SetLength(survey.End.EndPosition);
            log.Sync();
            WriteIndex(header, new PositionTable(), new Watermark(baseOffset, SegmentHeader.SizeBytes), IndexState.Active);
            long? lostTo = survey.Watermark.NextOffset > survey.End.NextOffset ? survey.Watermark.NextOffset - 1 : null;
            return new RepairReport(folder, survey.End.NextOffset, lostTo);
        }
    }

    private RepairReport SetSegmentAside(long baseOffset)
    {
        var manifest = ReadManifest();
        var bases = BasesIn(_store);
        var known = manifest.SealedSegments.FirstOrDefault(s => s.BaseOffset == baseOffset);
        var successor = bases.FirstOrDefault(b => b > baseOffset, -1);
        var next = known.NextOffset > baseOffset ? known.NextOffset : successor;
        if (next < 0 || successor < 0 || (known.NextOffset == 0 && !bases.Contains(baseOffset)))
            throw new ArgumentException($"{SegmentName.Log(baseOffset)} is no sealed segment of the log", nameof(baseOffset));
        var folder = NewFolder();
        var range = new OffsetRange(baseOffset, next);
        // The copies first, then the MANIFEST that calls them deleted, then the files.
        // What is in the archive stays there, though the log knows it no more.
        var records = _store.PathOf(known.NextOffset > 0 ? SegmentArchiving.NameOf(known) : SegmentName.Log(baseOffset));
        CopyInto(folder, records);
        CopyInto(folder, _store.IndexPath(baseOffset));
        _store.SaveManifest(manifest with
        {
            DeletedRanges = OffsetRanges.Add(manifest.DeletedRanges, range),
            SealedSegments = [.. manifest.SealedSegments.Where(s => s.BaseOffset != baseOffset)],
        });
        Remove(records);
        Remove(_store.IndexPath(baseOffset));
        _store.Files.SyncDirectory(_store.Directory);
        return new RepairReport(folder, range.First, range.Next - 1);
    }

    private RepairReport RebuildManifest(List<long> bases)
    {
        var folder = KeepCopy(_store.PathOf(SegmentName.Manifest));
        var segments = new List<SealedSegment>();
        var gaps = new List<OffsetRange>();
        foreach (var (baseOffset, successor) in bases.Zip(bases.Skip(1)))
        {
            var segment = _store.Files.Stat(_store.LogPath(baseOffset)) is null ? ReadCompressed(baseOffset) : SegmentIndexReader.TryReadSealedMark(_store, baseOffset);
            // No mark: a roll that a crash interrupted, which the opening finishes, or damage, which it reports.
            if (segment is null) break;
            segments.Add(segment.Value);
            if (segment.Value.NextOffset < successor) gaps.Add(new OffsetRange(segment.Value.NextOffset, successor));
        }
        _store.SaveManifest(new Manifest(_store.LogId, bases.Count > 0 ? bases[0] : 0, bases.Count > 0, gaps, segments));
        return new RepairReport(folder, gaps.Count > 0 ? gaps[0].First : null, gaps.Count > 0 ? gaps[^1].Next - 1 : null);
    }

    private Manifest ReadManifest()
    {
        var path = _store.PathOf(SegmentName.Manifest);
        return Manifest.Decode(_store.Files.ReadWhole(path), path);
    }

    // Its head says what the MANIFEST said; when it was sealed, the index may know.
    private SealedSegment ReadCompressed(long baseOffset)
    {
        using var file = _store.Files.Open(_store.CompressedPath(baseOffset), FileAccessMode.Read);
        var bytes = new byte[CompressedHead.SizeBytes];
        var head = CompressedHead.Decode(bytes.AsSpan(0, file.Read(0, bytes)), file.Path, _store.LogId, baseOffset);
        var sealedAt = SegmentIndexReader.TryReadSlot(_store, head.Segment)?.SealedAtUnixMs ?? 0;
        return new SealedSegment(
            baseOffset, head.NextOffset, head.LogLengthBytes - SegmentHeader.SizeBytes, SegmentState.Sealed | SegmentState.Compressed, head.StoredLengthBytes, sealedAt);
    }

    private void WriteIndex(SegmentHeader header, PositionTable positions, Watermark watermark, IndexState state)
    {
        var bytes = new byte[IndexSlot.EntriesAt + positions.Count * IndexSlot.EntryBytes];
        var sealedAt = state == IndexState.Sealed ? _store.Options.Clock.GetUtcNow().ToUnixTimeMilliseconds() : 0;
        var slot = _store.EmptyIndexSlot(header) with { State = state, Watermark = watermark, SealedAtUnixMs = sealedAt, EntriesChecksum = state == IndexState.Sealed ? positions.Checksum() : 0 };
        slot.Encode(bytes.AsSpan((int)slot.WriteAt));
        positions.Encode(0, bytes.AsSpan(IndexSlot.EntriesAt));
        _store.Files.WriteWhole(_store.IndexPath(header.BaseOffset), bytes);
        _store.Files.SyncDirectory(_store.Directory);
        if (state == IndexState.Sealed) _store.MakeReadOnly(_store.IndexPath(header.BaseOffset));
    }

    private string? KeepCopy(string path)
    {
        if (_store.Files.Stat(path) is null) return null;
        var folder = NewFolder();
        CopyInto(folder, path);
        return folder;
    }

    private string NewFolder()
    {
        var stem = Path.Combine(_store.PathOf(SegmentName.SetAside), _store.Options.Clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
        var folder = stem;
        for (var i = 2; _store.Files.Stat(folder) is not null; i++) folder = $"{stem}-{i}";
        _store.Files.CreateDirectory(folder);
        return folder;
    }

    private void CopyInto(string folder, string path)
    {
        if (_store.Files.Stat(path) is not null) _store.Files.Copy(path, Path.Combine(folder, Path.GetFileName(path)));
    }

    private void Remove(string path)
    {
        if (_store.Files.Stat(path) is not null) _store.Files.Delete(path);
    }

    private static List<long> BasesIn(SegmentStore store) =>
        [.. store.Files.List(store.Directory).Where(e => e.Kind == WalEntryKind.File)
            .Select(e => SegmentName.TryParse(e.Name, SegmentName.LogSuffix, out var b) || SegmentName.TryParse(e.Name, SegmentName.CompressedSuffix, out b) ? b : -1)
            .Where(b => b >= 0).Distinct().Order()];
}
