using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.TestKit;

/// <summary>
/// A file system in memory that keeps what is on the disk apart from what the page cache shows, for the bytes and
/// lengths of files and for the names in directories, and that can lose power, run full, fail and rot.
/// </summary>
/// <remarks>
/// <para>
/// Its model, which is Linux's at its harshest: a write is on the disk after a sync of its file, a name after a sync of its
/// directory, and neither sync does the other's work. What was not synced survives a cut in any selection
/// (<see cref="CutMode"/>): writes torn anywhere, lengths with or without their bytes. A failed sync leaves pages that the
/// cache shows and counts as clean though they never reached the disk; later syncs pass over them, and
/// <see cref="Evict"/> brings the old bytes back.
/// </para>
/// <para>
/// <see cref="PowerCut(Random, CutMode)"/> and <see cref="Kill"/> yield a new disk and leave this one as it is, so one run
/// of a workload can be cut after each of its operations. All members may be called from any thread.
/// </para>
/// </remarks>
public sealed partial class SimulatedDisk : IWalFileSystem
{
    private readonly Lock _gate = new();
    private readonly DirectoryNode _root;
    private readonly HashSet<Node> _held = new(ReferenceEqualityComparer.Instance);
    private readonly List<DiskOperation> _operations = [];
    private long _sequence;

    /// <summary>An empty disk without a limit of its size.</summary>
    public SimulatedDisk() : this(new DirectoryNode())
    {
    }

    private SimulatedDisk(DirectoryNode root) => _root = root;

    /// <summary>Asked before each operation: a fault to fail it with, or null.</summary>
    public Func<DiskOperation, DiskFault?>? Faults { get; set; }

    /// <summary>Asked before each read with path and position: whether the platform fails it.</summary>
    public Func<string, long, bool>? ReadFaults { get; set; }

    /// <summary>Told after each operation, failed ones too: the place to cut.</summary>
    public Action<DiskOperation>? AfterOperation { get; set; }

    /// <summary>How many bytes of pages fit; a write beyond it fails with ENOSPC after what fits.</summary>
    public long? CapacityBytes { get; set; }

    /// <summary>Every operation since this disk was made.</summary>
    public IReadOnlyList<DiskOperation> Operations => _operations;

    /// <summary>File handles that were opened and not disposed.</summary>
    internal int OpenHandleCount { get; private set; }

    /// <summary>What the written pages of all files take.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_gate)
                return LiveFiles(_root).Sum(file => file.Live.AllocatedBytes);
        }
    }

    /// <inheritdoc/>
    public IWalFile Open(string path, FileAccessMode mode)
    {
        lock (_gate)
        {
            var directory = DirectoryOf(path, "open");
            var name = Path.GetFileName(path);
            var node = directory.Live.GetValueOrDefault(name);
            if (node is not null and not FileNode)
                throw Failure("open", path, "is no plain file");
            if (node is not null && mode == FileAccessMode.CreateNew)
                throw Failure("open", path, "File exists");
            if (node is null && mode is FileAccessMode.Read or FileAccessMode.ReadMapped or FileAccessMode.ReadWrite)
                throw Failure("open", path, "No such file or directory");
            var isWritable = mode is not (FileAccessMode.Read or FileAccessMode.ReadMapped);
            if (isWritable && node is FileNode { IsReadOnly: true })
                throw new WalIOException("open", path, WalIOCause.NotPermitted, "Permission denied");
            if (node is null)
            {
                node = new FileNode();
                Carry(DiskOperationKind.Create, path, () => directory.Change(new NameChange(++_sequence, node, null, name)));
            }
            else if (mode == FileAccessMode.CreateOrTruncate)
            {
                Carry(DiskOperationKind.Truncate, path, () => ((FileNode)node).Change(new LengthChange(++_sequence, 0)));
            }

            OpenHandleCount++;
            return new SimulatedFile(this, path, (FileNode)node, isWritable);
        }
    }

    /// <inheritdoc/>
    public WalDirectoryEntry? Stat(string path)
    {
        lock (_gate)
        {
            if (path.AsSpan().Trim('/').IsEmpty)
                return new WalDirectoryEntry("/", WalEntryKind.Directory, 0);
            return FindDirectory(ParentOf(path))?.Live.TryGetValue(Path.GetFileName(path), out var node) == true
                ? Entry(Path.GetFileName(path), node)
                : null;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<WalDirectoryEntry> List(string directory)
    {
        lock (_gate)
            return [.. Existing(directory, "list").Live.Select(pair => Entry(pair.Key, pair.Value) with { LengthBytes = 0 })];
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        lock (_gate)
        {
            if (FindDirectory(path) is not null)
                return;
            Carry(DiskOperationKind.CreateDirectory, path, () =>
            {
                var at = OriginOf(path, out var below);
                foreach (var name in below.ToString().Split('/', StringSplitOptions.RemoveEmptyEntries))
                {
                    if (!at.Live.TryGetValue(name, out var node))
                        at.Live[name] = at.Durable[name] = node = new DirectoryNode();
                    at = node as DirectoryNode ?? throw Failure("mkdir", path, "Not a directory");
                }
            });
        }
    }

    /// <inheritdoc/>
    public void Rename(string path, string newPath)
    {
        lock (_gate)
        {
            var source = DirectoryOf(path, "rename");
            var target = DirectoryOf(newPath, "rename");
            var (name, newName) = (Path.GetFileName(path), Path.GetFileName(newPath));
            var node = source.Live.GetValueOrDefault(name) ?? throw Failure("rename", path, "No such file or directory");
            // A directory takes an empty one's place, and a file never one's.
            var replaced = target.Live.GetValueOrDefault(newName);
            var isInTheWay = node is DirectoryNode
                ? replaced is not (null or DirectoryNode { Live.Count: 0 })
                : replaced is DirectoryNode;
            if (isInTheWay)
                throw Failure("rename", path, "Is a directory, or not empty");
            Carry(DiskOperationKind.Rename, $"{path} -> {newName}", () =>
            {
                if (source == target)
                {
                    source.Change(new NameChange(++_sequence, node, name, newName));
                    return;
                }

                var added = new NameChange(++_sequence, node, null, newName);
                target.Change(added);
                source.Change(new NameChange(++_sequence, node, name, null, Requires: added));
            });
        }
    }

    /// <inheritdoc/>
    public void Delete(string path) => Remove(path, DiskOperationKind.Delete, node => node is not DirectoryNode);

    /// <inheritdoc/>
    public void DeleteDirectory(string path) =>
        Remove(path, DiskOperationKind.DeleteDirectory, node => node is DirectoryNode { Live.Count: 0 });

    /// <inheritdoc/>
    public void MakeReadOnly(string path)
    {
        lock (_gate)
        {
            var file = FileAt(path);
            Carry(DiskOperationKind.MakeReadOnly, path, () => file.Change(new ReadOnlyChange(++_sequence)));
        }
    }

    /// <inheritdoc/>
    public void SyncDirectory(string path)
    {
        lock (_gate)
        {
            var directory = Existing(path, "sync");
            Carry(DiskOperationKind.SyncDirectory, path, () => SyncNames(directory), applied =>
                directory.SyncFirst((int)(directory.Unsynced.Count * applied)));
        }
    }

    /// <inheritdoc/>
    public IWalLock Lock(string path)
    {
        lock (_gate)
        {
            var (directory, name) = (DirectoryOf(path, "lock"), Path.GetFileName(path));
            if (IsHeld(directory, name))
                throw new WalLockedException(ParentOf(path), "somebody in this simulation");
            Carry(DiskOperationKind.Lock, path, () =>
            {
                if (!directory.Live.ContainsKey(name))
                    directory.Change(new NameChange(++_sequence, new FileNode(), null, name));
            });
            return new HeldLock(this, path, directory, directory.Live[name]);
        }
    }

    /// <inheritdoc/>
    public bool IsLocked(string path)
    {
        lock (_gate)
            return FindDirectory(ParentOf(path)) is { } directory && IsHeld(directory, Path.GetFileName(path));
    }

    /// <inheritdoc/>
    public IWalDirectory OpenDirectory(string path)
    {
        lock (_gate)
            return new SimulatedDirectory(this, path, Existing(path, "open"));
    }

    private void Remove(string path, DiskOperationKind kind, Predicate<Node> isRemovable)
    {
        lock (_gate)
        {
            var directory = DirectoryOf(path, "delete");
            var name = Path.GetFileName(path);
            var node = directory.Live.GetValueOrDefault(name) ?? throw Failure("delete", path, "No such file or directory");
            if (!isRemovable(node))
                throw Failure("delete", path, node is DirectoryNode ? "Directory not empty" : "Is a directory");
            Carry(kind, path, () => directory.Change(new NameChange(++_sequence, node, name, null)));
        }
    }

    /// <summary>A directory's journal holds both halves of a move, so a sync of either directory keeps the name added.</summary>
    private void SyncNames(DirectoryNode directory)
    {
        foreach (var needed in directory.Unsynced.Select(change => change.Requires).OfType<NameChange>().ToList())
            Directories(_root).FirstOrDefault(other => other.Unsynced.Contains(needed))?.SyncOne(needed);
        directory.Sync();
    }
}
