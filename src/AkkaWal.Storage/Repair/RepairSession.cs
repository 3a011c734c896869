using System.Globalization;
using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Epochs;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Wrappers;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Repair;

/// <summary>
/// What all repairs share: the check of the log, the folder for what they change, and writing.
/// </summary>
internal sealed class RepairSession
{
    /// <summary>
    /// The most records that a segment can hold: positions have 32 bits, and a frame has at least 8 bytes.
    /// </summary>
    internal const long MostRecordsPerSegment = (WalOptions.LargestSegmentBytes + 1) / Frame.HeaderBytes;

    /// <summary>
    /// The number of offsets that a repair skips if the number of later segments is unknown: the MANIFEST is saved
    /// every 64 rolls, and this is 32 times what 64 segments can hold.
    /// </summary>
    internal const long UnknownLeap = 32 * 64 * MostRecordsPerSegment;

    private string? _folder;
    private bool _hasChanged;

    private RepairSession(LogCheckResult check) => Check = check;

    internal LogCheckResult Check { get; }

    internal SegmentFiles SegmentFiles => Check.SegmentFiles;

    internal Manifest Manifest => Check.Manifest!;

    /// <summary>The folder with copies of the files that this repair changed; null where it changed none.</summary>
    internal string? Folder => _folder;

    /// <summary>Runs a repair under the log's lock.</summary>
    /// <exception cref="WalLockedException">Another process has the log open.</exception>
    /// <exception cref="WalNewerVersionException">
    /// A file of the log is of a newer version, and repairs leave such a log alone.
    /// </exception>
    /// <exception cref="WalForeignException">The directory is that of an epoch.</exception>
    internal static RepairReport Run(
        string directory, WalOptions? options, IWalFileSystem? files, Func<RepairSession, RepairReport> repair)
    {
        using var held = OwnedDirectory.Acquire(files ?? WalFileSystem.Default, directory, SegmentName.Lock);
        var segmentFiles = new SegmentFiles(held, directory, Guid.Empty, options ?? new WalOptions());
        segmentFiles = EpochPlaces.CurrentOf(segmentFiles);
        var check = LogCheck.Of(DirectoryLook.At(segmentFiles));
        if (check.Faults.FirstOrDefault(fault => fault.Kind == LogFaultKind.Newer) is { } newer)
            throw newer.ToException();
        check.ThrowIfOfEpoch(directory);
        var session = new RepairSession(check);
        try
        {
            return repair(session);
        }
        catch (WalException) when (!session._hasChanged)
        {
            session.RemoveCopies();
            throw;
        }
    }

    /// <summary>Requires a readable MANIFEST.</summary>
    /// <exception cref="WalFaultException">It is missing or bad, and must be repaired first.</exception>
    internal void RequireManifest()
    {
        var manifest = SegmentFiles.PathOf(SegmentName.Manifest);
        if (Check.IsNew) throw new WalAbsentException(manifest, "the MANIFEST of a log");
        if (Check.Faults.FirstOrDefault(fault => fault.Path == manifest) is { } fault)
            throw fault.ToException();
    }

    /// <summary>Requires that the log is refused for no other rows than those that this repair handles.</summary>
    /// <exception cref="WalFaultException">There is another fault, which must be repaired first.</exception>
    internal void RequireNothingElse(params string[] rows)
    {
        RequireManifest();
        if (Check.Faults.FirstOrDefault(fault => fault.IsRefused && !rows.Contains(fault.Row)) is { } other)
            throw other.ToException();
    }

    /// <summary>The sealed segment that starts at an offset; null where there is none.</summary>
    internal SealedSegment? FindSealed(long baseOffset)
    {
        foreach (var segment in Check.Sealed)
            if (segment.BaseOffset == baseOffset) return segment;
        return null;
    }

    /// <summary>
    /// The sealed segments for a MANIFEST. A segment without a known seal time gets the current time.
    /// </summary>
    internal IEnumerable<SealedSegment> Named() =>
        Check.Sealed.Select(segment =>
            segment.SealedAtUnixMs > 0 ? segment : segment with { SealedAtUnixMs = Now });

    /// <summary>Copies a file into this repair's folder, if the file exists.</summary>
    internal void KeepCopy(string path)
    {
        if (SegmentFiles.Disk.Stat(path) is not { Kind: WalEntryKind.File }) return;
        SegmentFiles.Disk.Copy(path, Path.Combine(_folder ??= NewFolder(), Path.GetFileName(path)));
    }

    internal void Remove(string path)
    {
        _hasChanged = true;
        if (SegmentFiles.Disk.Stat(path) is not null) SegmentFiles.Disk.Delete(path);
    }

    /// <summary>Puts a prepared file into its place, and returns when its name is on the disk.</summary>
    internal void Replace(string path, string prepared)
    {
        _hasChanged = true;
        SegmentFiles.Disk.Rename(prepared, path);
        SegmentFiles.Disk.SyncDirectory(SegmentFiles.Directory);
    }

    /// <summary>Replaces the MANIFEST, and returns when it is on the disk.</summary>
    internal void SaveManifest(Manifest manifest) => ReplaceManifest(PrepareManifest(manifest));

    /// <summary>Writes a MANIFEST to a temporary file.</summary>
    /// <returns>The temporary file's path, for <see cref="ReplaceManifest"/>.</returns>
    internal string PrepareManifest(Manifest manifest) =>
        SegmentFiles.Disk.PrepareWhole(SegmentFiles.PathOf(SegmentName.Manifest), manifest.Encode());

    /// <summary>Replaces the MANIFEST by a prepared one, and returns when it is on the disk.</summary>
    internal void ReplaceManifest(string prepared) => Replace(SegmentFiles.PathOf(SegmentName.Manifest), prepared);

    /// <summary>The state and the end that a segment's index gives, whatever its salt; null without an index.</summary>
    internal (IndexState State, long NextOffset)? ReadClaim(long baseOffset)
    {
        var path = SegmentFiles.IndexPath(baseOffset);
        if (SegmentFiles.Disk.Stat(path) is not { Kind: WalEntryKind.File }) return null;
        using var file = SegmentFiles.Disk.Open(path, FileAccessMode.Read);
        IndexFileReader.ThrowIfNewer(file);
        var head = new byte[IndexSlot.EntriesAt];
        return IndexSlot.TryReadClaim(head.AsSpan(0, file.Read(0, head)), baseOffset);
    }

    /// <summary>
    /// The offset at which the log can go on behind a segment that lost its end: higher than every offset that may have
    /// been given in it or in segments after it. An index without a sealed mark proves that nothing was acknowledged in
    /// a later segment.
    /// </summary>
    /// <param name="baseOffset">The segment's base offset.</param>
    /// <param name="claim">The state and the end that its index gives.</param>
    /// <param name="nextOffset">The caller's offset; null where the caller knows none.</param>
    /// <param name="least">The lowest offset that the existing records allow.</param>
    /// <exception cref="ArgumentOutOfRangeException">The caller's offset is lower than that.</exception>
    internal static long NextOffsetBehind(
        long baseOffset, (IndexState State, long NextOffset)? claim, long? nextOffset, long least)
    {
        if (nextOffset is { } told)
        {
            if (told >= least) return told;
            var why = $"offsets up to {least - 1} were given: it must be {least} or more";
            throw new ArgumentOutOfRangeException(nameof(nextOffset), told, why);
        }
        return claim switch
        {
            { State: IndexState.Sealed, NextOffset: var next } => checked(Math.Max(least, next) + UnknownLeap),
            null => checked(Math.Max(least, baseOffset) + UnknownLeap),
            _ => Math.Max(least, checked(baseOffset + MostRecordsPerSegment)),
        };
    }

    /// <summary>Writes a sealed segment's index.</summary>
    internal void WriteSealedIndex(SegmentHeader header, SealedSegment segment, PositionTable positions)
    {
        var path = SegmentFiles.IndexPath(header.BaseOffset);
        Replace(path, PrepareSealedIndex(header, segment, positions));
        SegmentFiles.MakeReadOnly(path);
    }

    /// <summary>Writes a sealed segment's index to a temporary file.</summary>
    /// <returns>The temporary file's path, for <see cref="Replace"/>.</returns>
    internal string PrepareSealedIndex(SegmentHeader header, SealedSegment segment, PositionTable positions) =>
        SegmentFiles.Disk.PrepareWhole(
            SegmentFiles.IndexPath(header.BaseOffset),
            SegmentIndexFile.EncodeSealed(SegmentFiles.EmptyIndexSlot(header), segment, positions));

    internal long Now => SegmentFiles.Options.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    // Nothing was changed yet, so the copies are of no use. On a full disk each try would add some more.
    private void RemoveCopies()
    {
        try
        {
            foreach (var name in DirectoryNames.In(SegmentFiles).Temporaries)
                SegmentFiles.Disk.TryDelete(SegmentFiles.PathOf(name));
            if (_folder is null || SegmentFiles.Disk.Stat(_folder) is null) return;
            foreach (var entry in SegmentFiles.Disk.List(_folder))
                SegmentFiles.Disk.TryDelete(Path.Combine(_folder, entry.Name));
            SegmentFiles.Disk.DeleteDirectory(_folder);
        }
        catch (WalIOException)
        {
            // What stays takes room, and does no harm.
        }
    }

    private string NewFolder()
    {
        var time =
            SegmentFiles.Options.Clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var stem = Path.Combine(SegmentFiles.PathOf(SegmentName.SetAside), time);
        var folder = stem;
        for (var i = 2; SegmentFiles.Disk.Stat(folder) is not null; i++) folder = $"{stem}-{i}";
        SegmentFiles.Disk.CreateDirectory(folder);
        return folder;
    }
}
