using System.Diagnostics.CodeAnalysis;

namespace AkkaWal.Storage.Files.DryRun;

/// <summary>
/// A file system on which something can be tried: what is written, renamed and deleted shows here and nowhere else, and
/// is gone with this object. Files that were not changed here are read from the file system below. A repair with this
/// file system reports what it would do and what would be lost, and a verification after it reports the faults that
/// would be left.
/// </summary>
/// <remarks>
/// Changes are held in memory, at most <see cref="MaxBytes"/> of them; copies of whole files take none of it. Files
/// below that change meanwhile may appear partly changed, so do not use it on a log that has a writer. Locks are
/// checked and not taken. Directories can't be renamed. From any thread.
/// </remarks>
internal sealed class DryRunFiles : IWalFileSystem
{
    /// <summary>The most bytes of changes: a write beyond them fails as on a full disk.</summary>
    internal const long MaxBytes = 256L << 20;

    private readonly IWalFileSystem _below;
    private readonly DryRunRoom _room = new();

    // By path: what was changed here, and null for what is gone.
    private readonly Dictionary<string, DryRunContents?> _changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _directories = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>A view of a file system in which nothing is changed yet.</summary>
    /// <param name="below">The file system; it is only read.</param>
    internal DryRunFiles(IWalFileSystem below) => _below = below;

    public IWalFile Open(string path, FileAccessMode mode)
    {
        lock (_gate)
        {
            var isChanged = _changed.ContainsKey(path);
            if (mode is FileAccessMode.CreateNew or FileAccessMode.CreateOrTruncate)
            {
                var isThere = Stat(path) is not null;
                if (isThere && mode == FileAccessMode.CreateNew) throw Failure("open", path, "File exists");
                if (!isThere) RequireParent("open", path);
                return new DryRunFile(path, Put(path, new DryRunContents(_room, _below, path, 0)));
            }
            var contents = ContentsOf("open", path);
            return new DryRunFile(path, isChanged || mode != FileAccessMode.ReadWrite ? contents : Put(path, contents));
        }
    }

    public WalDirectoryEntry? Stat(string path)
    {
        lock (_gate)
        {
            // First: a directory may have been created where a file or a directory is gone.
            if (_directories.Contains(path))
                return new WalDirectoryEntry(Path.GetFileName(path), WalEntryKind.Directory, 0);
            if (!_changed.TryGetValue(path, out var contents)) return _below.Stat(path);
            return contents is null
                ? null
                : new WalDirectoryEntry(Path.GetFileName(path), WalEntryKind.File, contents.LengthBytes);
        }
    }

    public IReadOnlyList<WalDirectoryEntry> List(string directory)
    {
        lock (_gate)
        {
            var below = _directories.Contains(directory) ? [] : _below.List(directory);
            var here = _changed.Where(pair => pair.Value is not null).Select(pair => pair.Key).Concat(_directories)
                .Where(path => Path.GetDirectoryName(path) == directory).Select(path => Stat(path)!.Value);
            return
            [
                .. below.Where(entry => !_changed.ContainsKey(Path.Combine(directory, entry.Name))),
                .. here.Select(entry => entry with { LengthBytes = 0 }),
            ];
        }
    }

    public void CreateDirectory(string path)
    {
        lock (_gate)
        {
            switch (Stat(path)?.Kind)
            {
                case WalEntryKind.Directory:
                    return;
                case null:
                    if (Path.GetDirectoryName(path) is { Length: > 0 } parent) CreateDirectory(parent);
                    _directories.Add(path);
                    return;
                default:
                    throw Failure("create directory", path, "a file of that name exists");
            }
        }
    }

    public void Rename(string path, string newPath)
    {
        lock (_gate)
        {
            RequireParent("rename", newPath);
            var contents = ContentsOf("rename", path);
            _changed[path] = null;
            Put(newPath, contents);
        }
    }

    // Two names of one file would have to change together. Whoever links, copies where that is not supported.
    public void Link(string path, string newPath) => throw new WalIOException(
        $"link {path} to", newPath, WalIOCause.NotSupported, "a dry run has no second names of files");

    public void Delete(string path)
    {
        lock (_gate)
        {
            if (Stat(path) is not { } there) throw Failure("delete", path, "No such file or directory");
            if (there.Kind == WalEntryKind.Directory) throw Failure("delete", path, "Is a directory");
            Put(path, null);
        }
    }

    public void DeleteDirectory(string path)
    {
        lock (_gate)
        {
            if (Stat(path) is not { Kind: WalEntryKind.Directory })
                throw Failure("delete directory", path, "Not a directory");
            if (List(path).Count > 0) throw Failure("delete directory", path, "Directory not empty");
            if (!_directories.Remove(path)) _changed[path] = null;
        }
    }

    public void MakeReadOnly(string path)
    {
    }

    public void SyncDirectory(string path)
    {
    }

    public IWalLock Lock(string path) => IsLocked(path)
        ? throw new WalLockedException(Path.GetDirectoryName(path)!, LockHolder.Of(_below, path))
        : new NoLock();

    public bool IsLocked(string path) => _below.IsLocked(path);

    public IWalDirectory OpenDirectory(string path) => new DryRunDirectory(this, _below.OpenDirectory(path));

    // Of a file that is not changed yet it is a view, until Put makes it the changed file.
    private DryRunContents ContentsOf(string operation, string path)
    {
        if (_changed.TryGetValue(path, out var changed))
            return changed ?? throw Failure(operation, path, "No such file or directory");
        if (_directories.Contains(path)) throw Failure(operation, path, "Is a directory");
        if (_below.Stat(path) is null) throw Failure(operation, path, "No such file or directory");
        // The file system below reports other errors of the path.
        using var file = _below.Open(path, FileAccessMode.Read);
        return new DryRunContents(_room, _below, path, file.LengthBytes);
    }

    // The former file can still be read through handles that are open.
    [return: NotNullIfNotNull(nameof(contents))]
    private DryRunContents? Put(string path, DryRunContents? contents)
    {
        if (_changed.TryGetValue(path, out var former) && former != contents) former?.LetGo();
        _changed[path] = contents;
        return contents;
    }

    private void RequireParent(string operation, string path)
    {
        if (Stat(Path.GetDirectoryName(path)!) is null) throw Failure(operation, path, "No such file or directory");
    }

    private static WalIOException Failure(string operation, string path, string reason) =>
        new(operation, path, WalIOCause.Other, reason);

    /// <summary>Nothing is held, because nothing is changed.</summary>
    private sealed class NoLock : IWalLock
    {
        public bool HoldsDirectory => true;

        public string? WhyLost() => null;

        public void Dispose()
        {
        }
    }
}
