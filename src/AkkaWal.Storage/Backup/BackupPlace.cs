using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Backup;

/// <summary>
/// The destination of a backup while it is made. A new one is built in a directory of another name, which is renamed
/// when all of it is on the disk. In an older backup files are prepared under temporary names; it stays valid
/// meanwhile. Then its directory is renamed to the name of an update, and that is synced before anything else changes.
/// From then on the prepared MANIFEST says what the backup is to be, and any later run can finish the update: each step
/// can be repeated.
/// </summary>
internal sealed class BackupPlace : IDisposable
{
    private const string PartialSuffix = ".partial", UpdatingSuffix = ".updating";

    private readonly string _destination;
    private IWalLock? _lock;

    private BackupPlace(IWalFileSystem files, string destination, OlderBackup? older)
    {
        (Files, _destination, Older) = (files, destination, older);
        Directory = older is null ? destination + PartialSuffix : destination;
    }

    internal IWalFileSystem Files { get; }

    /// <summary>The directory in which the files are prepared.</summary>
    internal string Directory { get; }

    /// <summary>What is appended to the names of prepared files.</summary>
    internal string Suffix => Older is null ? "" : WholeFile.TemporarySuffix;

    /// <summary>The older backup that is updated; null where a new one is made.</summary>
    internal OlderBackup? Older { get; private set; }

    /// <summary>Whether a path is that of a file in the directory.</summary>
    internal bool Holds(string path) => path.StartsWith(Directory + "/", StringComparison.Ordinal);

    /// <summary>Prepares a destination for a backup of a log.</summary>
    /// <exception cref="WalFaultException">The destination holds something else, which stays as it is.</exception>
    /// <exception cref="WalLockedException">Another process has it.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static BackupPlace Acquire(IWalFileSystem files, string destination, SegmentFiles source, bool mayUpdate)
    {
        var parent = ParentOf(destination);
        if (files.Stat(parent) is null)
            throw new WalIOException(
                "copy a log to", destination, false, $"there is no directory {parent}: make it first");
        FinishUpdate(files, destination);
        var wanted = mayUpdate
            ? $"nothing, an empty directory, or an older backup of the log {source.LogId}"
            : "nothing, or an empty directory";
        var isUpdate = false;
        if (files.Stat(destination) is { } found)
        {
            if (found.Kind != WalEntryKind.Directory) throw Foreign(destination, wanted, "no directory");
            var entries = files.List(destination);
            isUpdate = mayUpdate && DirectoryNames.Of(entries, []).HasManifest;
            if (!isUpdate && entries.Count > 0)
                throw Foreign(destination, wanted, "a directory that holds something else");
        }
        var place = new BackupPlace(files, destination, isUpdate ? OlderBackup.Of(files, destination, source) : null);
        try
        {
            place.Begin(source);
            return place;
        }
        catch
        {
            place.GiveUp();
            place.Dispose();
            throw;
        }
    }

    /// <summary>Whether an update was interrupted after its directory was renamed.</summary>
    internal static bool IsBeingUpdated(IWalFileSystem files, string destination) =>
        files.Stat(destination + UpdatingSuffix) is not null;

    /// <summary>
    /// Finishes an update that was interrupted after its directory was renamed. Does nothing without one.
    /// </summary>
    /// <exception cref="WalFaultException">The destination exists as well, or the directory is no update.</exception>
    /// <exception cref="WalLockedException">Another process is at it.</exception>
    /// <exception cref="WalIOException">The platform failed. It can be tried again.</exception>
    internal static void FinishUpdate(IWalFileSystem files, string destination)
    {
        if (!IsBeingUpdated(files, destination)) return;
        var updating = destination + UpdatingSuffix;
        if (files.Stat(destination) is not null)
            throw Foreign(
                updating, $"no update of a backup where {destination} is there", "one",
                "look which of the two is to stay, and remove the other");
        using (files.Lock(Path.Combine(updating, SegmentName.Lock))) PutInPlace(files, updating, destination);
    }

    /// <summary>Makes the copied files the backup. The files are synced before; their names are synced here.</summary>
    /// <exception cref="WalIOException">The platform failed. The destination is as it was.</exception>
    /// <exception cref="WalOutcomeUnknownException">The platform failed after the directory was renamed.</exception>
    internal void Complete(Manifest manifest, byte[] identity)
    {
        if (Older is null)
        {
            Files.WriteWhole(PathOf(SegmentName.Identity), identity);
            Files.WriteWhole(PathOf(SegmentName.Manifest), manifest.Encode());
            RemoveUnused(Files, Directory, manifest);
        }
        else
        {
            Files.PrepareWhole(PathOf(SegmentName.Identity), identity);
            Files.PrepareWhole(PathOf(SegmentName.Manifest), manifest.Encode());
        }
        Files.SyncDirectory(Directory);
        if (Older is null) NameNew();
        else Update();
    }

    /// <summary>Removes the prepared files, as far as that can be done.</summary>
    internal void GiveUp()
    {
        try
        {
            // Without the lock only a directory that this run may have created is removed, and only while it is empty.
            if (_lock is not null)
            {
                foreach (var name in OwnNames()) Files.TryDelete(PathOf(name));
                if (Older is null) Files.TryDelete(PathOf(SegmentName.Lock));
            }
            if (Older is not null) return;
            Dispose();
            Files.DeleteDirectory(Directory);
        }
        catch (WalIOException)
        {
            // The next backup to this destination removes it.
        }
    }

    public void Dispose()
    {
        Older?.Dispose();
        _lock?.Dispose();
        _lock = null;
    }

    private void Begin(SegmentFiles source)
    {
        if (Older is null) Files.CreateDirectory(Directory);
        _lock = Files.Lock(PathOf(SegmentName.Lock));
        // Read again, now that the lock keeps others from writing it.
        if (Older is not null)
        {
            var looked = OlderBackup.Of(Files, Directory, source);
            Older.Dispose();
            Older = looked;
        }
        else
        {
            var others = DirectoryNames.Of(Files.List(Directory), []).Strangers;
            if (others.Count > 0) throw Foreign(Directory, "what a backup left that was cut", $"'{others[0]}' in it");
        }
        // Removes what an interrupted backup left.
        foreach (var name in OwnNames()) Files.Delete(PathOf(name));
    }

    // In a new backup all of its files but the lock; in an update the prepared files.
    private IEnumerable<string> OwnNames()
    {
        var entries = Files.List(Directory);
        var names = DirectoryNames.Of(entries, []);
        if (Older is not null) return names.Temporaries;
        return entries.Where(entry => entry.Kind == WalEntryKind.File && entry.Name != SegmentName.Lock)
            .Select(entry => entry.Name).Except(names.Strangers);
    }

    private void NameNew()
    {
        var isNamed = false;
        try
        {
            Files.Rename(Directory, _destination);
            isNamed = true;
            SyncNames(Files, _destination);
        }
        catch (WalIOException e) when (isNamed || Files.Stat(Directory) is null)
        {
            throw new WalOutcomeUnknownException(
                $"{e.Message}; {_destination} is whole, and whether a power cut leaves it is not known", e);
        }
    }

    private void Update()
    {
        var updating = _destination + UpdatingSuffix;
        var isBegun = false;
        try
        {
            Files.Rename(_destination, updating);
            isBegun = true;
            Files.SyncDirectory(ParentOf(_destination));
            PutInPlace(Files, updating, _destination);
        }
        catch (WalIOException e) when (isBegun || Files.Stat(updating) is not null)
        {
            throw new WalOutcomeUnknownException(
                $"{e.Message}; the next backup to {_destination}, or a restore from it, ends what was begun", e);
        }
    }

    private static void PutInPlace(IWalFileSystem files, string updating, string destination)
    {
        var manifestPath = Path.Combine(updating, SegmentName.Manifest);
        var temporaries = DirectoryNames.Of(files.List(updating), []).Temporaries;
        var prepared = SegmentName.Manifest + WholeFile.TemporarySuffix;
        if (temporaries.Contains(prepared))
        {
            foreach (var name in temporaries.Where(name => name != prepared))
            {
                var path = Path.Combine(updating, name);
                files.Rename(path, path[..^WholeFile.TemporarySuffix.Length]);
            }
            files.SyncDirectory(updating);
            files.Rename(Path.Combine(updating, prepared), manifestPath);
        }
        files.SyncDirectory(updating);
        if (files.Stat(manifestPath) is null) throw Foreign(updating, "an update of a backup", "no MANIFEST in it");
        RemoveUnused(files, updating, Manifest.Decode(files.ReadWhole(manifestPath), manifestPath));
        files.SyncDirectory(updating);
        files.Rename(updating, destination);
        SyncNames(files, destination);
    }

    // Removes segments that the log has deleted since, and old files of segments that were copied in another form.
    private static void RemoveUnused(IWalFileSystem files, string directory, Manifest manifest)
    {
        var used = manifest.SealedSegments.Select(segment => segment.FileName)
            .Concat(manifest.SealedSegments.Select(segment => SegmentName.Index(segment.BaseOffset))).ToHashSet();
        if (manifest.HasSegments)
        {
            var isFirst = manifest.SealedSegments.Count == 0;
            var active = OffsetRanges.Behind(
                manifest.DeletedRanges, isFirst ? manifest.StartOffset : manifest.SealedSegments[^1].NextOffset);
            used.UnionWith([SegmentName.Log(active), SegmentName.Index(active)]);
        }
        var names = DirectoryNames.Of(files.List(directory), []);
        var segments = names.Logs.Select(SegmentName.Log)
            .Concat(names.Compressed.Select(SegmentName.Compressed)).Concat(names.Indexes.Select(SegmentName.Index));
        foreach (var name in segments.Where(name => !used.Contains(name)).ToList())
            files.Delete(Path.Combine(directory, name));
    }

    private static void SyncNames(IWalFileSystem files, string directory)
    {
        using var opened = files.OpenDirectory(directory);
        opened.SyncNames();
    }

    private string PathOf(string name) => Path.Combine(Directory, name);

    private static string ParentOf(string path) => Path.GetDirectoryName(path) ?? path;

    private static WalForeignException Foreign(
        string path, string expected, string found, string advice = Advice.OtherDestination) =>
        new(path, 0, expected, found, advice);
}
