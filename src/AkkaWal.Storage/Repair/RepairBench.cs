using System.Globalization;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Posix;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Judgement;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Repair;

/// <summary>
/// What all repairs share: the judgement that they go by, what they keep of what they change, and how they write.
/// </summary>
internal sealed class RepairBench
{
    /// <summary>
    /// No segment ever held more records: positions are 32 bits wide, and a frame has 8 bytes at least.
    /// </summary>
    internal const long MostRecordsPerSegment = (WalOptions.LargestSegmentBytes + 1) / Frame.HeaderBytes;

    /// <summary>
    /// How far a repair goes on behind a segment of which nothing tells how many others came after it: the MANIFEST is
    /// written every 64 rolls, and this is 32 times what they can hold.
    /// </summary>
    internal const long UnknownLeap = 32 * 64 * MostRecordsPerSegment;

    private string? _folder;

    private RepairBench(LogJudgement judgement) => Judgement = judgement;

    internal LogJudgement Judgement { get; }

    internal SegmentStore Store => Judgement.Store;

    internal Manifest Manifest => Judgement.Manifest!;

    /// <summary>The folder that what is changed was copied to; null where nothing was.</summary>
    internal string? Folder => _folder;

    /// <summary>Runs a repair under the log's lock.</summary>
    /// <exception cref="WalLockedException">Somebody has the log.</exception>
    /// <exception cref="WalNewerVersionException">
    /// A file of the log is of a newer version: repairs leave it alone.
    /// </exception>
    internal static RepairReport Run(
        string directory, WalOptions? options, IWalFileSystem? files, Func<RepairBench, RepairReport> repair)
    {
        using var held = OwnedDirectory.Take(files ?? PosixFileSystem.Instance, directory, SegmentName.Lock);
        var store = new SegmentStore(held, directory, Guid.Empty, options ?? new WalOptions());
        var judgement = LogJudge.Of(DirectoryLook.At(store));
        if (judgement.Faults.FirstOrDefault(fault => fault.Kind == LogFaultKind.Newer) is { } newer)
            throw newer.ToException();
        return repair(new RepairBench(judgement));
    }

    /// <summary>Requires a MANIFEST that can be read.</summary>
    /// <exception cref="WalFaultException">It is missing or bad: it is to be mended first.</exception>
    internal void RequireManifest()
    {
        if (Judgement.IsNew) throw new WalAbsentException(Store.PathOf(SegmentName.Manifest), "the MANIFEST of a log");
        if (Judgement.Faults.FirstOrDefault(fault => fault.Path == Store.PathOf(SegmentName.Manifest)) is { } fault)
            throw fault.ToException();
    }

    /// <summary>Requires that nothing is refused but what this repair mends.</summary>
    /// <exception cref="WalFaultException">Something else is wrong, and is to be mended first.</exception>
    internal void RequireNothingElse(params string[] rows)
    {
        RequireManifest();
        if (Judgement.Faults.FirstOrDefault(fault => fault.IsRefused && !rows.Contains(fault.Row)) is { } other)
            throw other.ToException();
    }

    /// <summary>The sealed segment that starts at an offset; null where there is none.</summary>
    internal SealedSegment? FindSealed(long baseOffset)
    {
        foreach (var segment in Judgement.Sealed)
            if (segment.BaseOffset == baseOffset) return segment;
        return null;
    }

    /// <summary>
    /// The sealed segments as a MANIFEST names them: one of which nothing tells when it was sealed counts from now on.
    /// </summary>
    internal IEnumerable<SealedSegment> Named() =>
        Judgement.Sealed.Select(segment =>
            segment.SealedAtUnixMs > 0 ? segment : segment with { SealedAtUnixMs = Now });

    /// <summary>Copies a file into this repair's folder, where the file is there.</summary>
    internal void KeepCopy(string path)
    {
        if (Store.Files.Stat(path) is not { Kind: WalEntryKind.File }) return;
        Store.Files.Copy(path, Path.Combine(_folder ??= NewFolder(), Path.GetFileName(path)));
    }

    internal void Remove(string path)
    {
        if (Store.Files.Stat(path) is not null) Store.Files.Delete(path);
    }

    /// <summary>What the index of a segment says, whatever log it belongs to; null where there is none.</summary>
    internal (IndexState State, long NextOffset)? ReadClaim(long baseOffset)
    {
        var path = Store.IndexPath(baseOffset);
        if (Store.Files.Stat(path) is not { Kind: WalEntryKind.File }) return null;
        using var file = Store.Files.Open(path, FileAccessMode.Read);
        IndexFileReader.ThrowIfNewer(file);
        var head = new byte[IndexSlot.EntriesAt];
        return IndexSlot.TryReadClaim(head.AsSpan(0, file.Read(0, head)), baseOffset);
    }

    /// <summary>
    /// An offset behind each that may have been given in a segment that lost its end, or in whatever came after it. An
    /// index that bears no sealed mark proves that nothing was acknowledged in a later segment.
    /// </summary>
    /// <param name="baseOffset">The segment.</param>
    /// <param name="claim">What its index says.</param>
    /// <param name="nextOffset">What the caller says; null where he does not know.</param>
    /// <param name="least">The lowest that what is there allows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The caller's is lower than what was given.</exception>
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
    internal void WriteSealedIndex(SegmentHeader header, PositionTable positions, Watermark end, long sealedAtUnixMs)
    {
        var bytes = new byte[IndexSlot.EntriesAt + positions.Count * IndexSlot.EntryBytes];
        var slot = Store.EmptyIndexSlot(header) with
        {
            State = IndexState.Sealed,
            Watermark = end,
            SealedAtUnixMs = sealedAtUnixMs,
            EntriesChecksum = positions.Checksum(),
        };
        slot.Encode(bytes.AsSpan((int)slot.WriteAt));
        positions.Encode(0, bytes.AsSpan(IndexSlot.EntriesAt));
        Store.Files.WriteWhole(Store.IndexPath(header.BaseOffset), bytes);
        Store.Files.SyncDirectory(Store.Directory);
        Store.MakeReadOnly(Store.IndexPath(header.BaseOffset));
    }

    internal long Now => Store.Options.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    private string NewFolder()
    {
        var time = Store.Options.Clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var stem = Path.Combine(Store.PathOf(SegmentName.SetAside), time);
        var folder = stem;
        for (var i = 2; Store.Files.Stat(folder) is not null; i++) folder = $"{stem}-{i}";
        Store.Files.CreateDirectory(folder);
        return folder;
    }
}
