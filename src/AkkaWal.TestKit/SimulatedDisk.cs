using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.TestKit.Simulation.Tree;
using AkkaWal.TestKit.Simulation;

namespace AkkaWal.TestKit;

/// <summary>
/// A file system in memory that keeps what is on the disk apart from what the page cache shows, for the bytes and
/// lengths of files and for the names in directories, and that can lose power, run full, fail and rot.
/// </summary>
/// <remarks>
/// <para>
/// Its model, which is Linux's at its harshest: a write is on the disk after a sync of its file, a name after a sync of
/// its directory, and neither sync does the other's work. What was not synced survives a cut in any selection
/// (<see cref="CutMode"/>): writes torn anywhere, lengths with or without their bytes. A failed sync leaves pages that
/// the cache shows and counts as clean though they never reached the disk; later syncs pass over them, and
/// <see cref="Evict"/> brings the old bytes back.
/// </para>
/// <para>
/// <see cref="PowerCut(Random, CutMode)"/> and <see cref="Kill"/> yield a new disk and leave this one as it is, so one
/// run of a workload can be cut after each of its operations. All members may be called from any thread. Paths are
/// absolute, with <c>/</c> between names.
/// </para>
/// </remarks>
public sealed class SimulatedDisk : IWalFileSystem
{
    /// <summary>An empty disk without a limit of its size.</summary>
    public SimulatedDisk() : this(new DirectoryNode(), sequence: 0)
    {
    }

    private SimulatedDisk(DirectoryNode root, long sequence)
    {
        Tree = new DiskTree(root);
        Log = new OperationLog(Tree, Script, sequence);
    }

    /// <summary>
    /// Asked before each operation that changes the disk: a fault to fail it with, or null. It is called on the thread
    /// that asks for the operation, and no other operation is carried out meanwhile.
    /// </summary>
    public Func<DiskOperation, DiskFault?>? Faults
    {
        get => Log.Faults;
        set => Log.Faults = value;
    }

    /// <summary>
    /// Asked before each read with path and position: whether the platform fails it. Called as <see cref="Faults"/> is.
    /// </summary>
    public Func<string, long, bool>? ReadFaults { get; set; }

    /// <summary>
    /// Told after each operation, failed ones too: the place to cut the power. Called as <see cref="Faults"/> is.
    /// </summary>
    public Action<DiskOperation>? AfterOperation
    {
        get => Log.AfterOperation;
        set => Log.AfterOperation = value;
    }

    /// <summary>
    /// How many bytes of pages fit, each of 4,096 bytes; a write beyond it fails with ENOSPC after what fits. Null
    /// where there is no limit.
    /// </summary>
    public long? CapacityBytes
    {
        get => Log.CapacityBytes;
        set => Log.CapacityBytes = value;
    }

    /// <summary>Every operation since this disk was made, oldest first; a copy, which grows no more.</summary>
    public IReadOnlyList<DiskOperation> Operations
    {
        get
        {
            lock (Gate)
                return [.. Log.All];
        }
    }

    /// <summary>What the written pages of all files take.</summary>
    public long UsedBytes
    {
        get
        {
            lock (Gate)
                return Tree.UsedBytes;
        }
    }

    /// <summary>File handles that were opened and not disposed.</summary>
    internal int OpenHandleCount { get; set; }

    /// <summary>Directories that are held now, with their lock files.</summary>
    internal int HeldLockCount => Locks.Count;

    /// <summary>A promise that this disk does not keep: for specs that prove that others would notice.</summary>
    internal BrokenDisk Broken { get; set; }

    internal Lock Gate { get; } = new();

    internal DiskTree Tree { get; }

    internal OperationLog Log { get; }

    internal HeldLocks Locks { get; } = new();

    internal DiskScript Script { get; } = new();

    /// <inheritdoc/>
    public IWalFile Open(string path, FileAccessMode mode)
    {
        if (OperationLog.CreationBy(mode) is { } creation)
            Await(creation, path);
        lock (Gate)
        {
            var directory = Tree.DirectoryOf(path, "open");
            var name = Path.GetFileName(path);
            var node = directory.Live.GetValueOrDefault(name);
            if (node is not null and not FileNode)
                throw DiskTree.Failure("open", path, "is no plain file");
            if (node is not null && mode == FileAccessMode.CreateNew)
                throw DiskTree.Failure("open", path, "File exists");
            if (node is null && mode is FileAccessMode.Read or FileAccessMode.ReadMapped or FileAccessMode.ReadWrite)
                throw DiskTree.Failure("open", path, "No such file or directory");
            var isWritable = mode is not (FileAccessMode.Read or FileAccessMode.ReadMapped);
            if (isWritable && node is FileNode { IsReadOnly: true })
                throw new WalIOException("open", path, WalIOCause.NotPermitted, "Permission denied");
            if (node is null)
            {
                node = new FileNode();
                Log.Carry(DiskOperationKind.Create, path, () => directory.Change(NameAdded(node, name)));
            }
            else if (mode == FileAccessMode.CreateOrTruncate)
            {
                Log.Carry(DiskOperationKind.Truncate, path, () =>
                    ((FileNode)node).Change(new LengthChange(Log.NextSequence(), 0)));
            }

            return new SimulatedFile(this, path, (FileNode)node, isWritable);
        }
    }

    /// <inheritdoc/>
    public WalDirectoryEntry? Stat(string path)
    {
        lock (Gate)
        {
            if (path.AsSpan().Trim('/').IsEmpty)
                return new WalDirectoryEntry("/", WalEntryKind.Directory, 0);
            var name = Path.GetFileName(path);
            return Tree.FindDirectory(DiskTree.ParentOf(path))?.Live.TryGetValue(name, out var node) == true
                ? DiskTree.Entry(name, node)
                : null;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<WalDirectoryEntry> List(string directory)
    {
        lock (Gate)
        {
            return
            [
                .. Tree.Existing(directory, "list").Live
                    .Select(pair => DiskTree.Entry(pair.Key, pair.Value) with { LengthBytes = 0 }),
            ];
        }
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        Await(DiskOperationKind.CreateDirectory, path);
        lock (Gate)
        {
            if (Tree.FindDirectory(path) is null)
                Log.Carry(DiskOperationKind.CreateDirectory, path, () => Tree.MakeDirectory(path));
        }
    }

    /// <inheritdoc/>
    public void Rename(string path, string newPath)
    {
        Await(DiskOperationKind.Rename, newPath);
        lock (Gate)
        {
            var source = Tree.DirectoryOf(path, "rename");
            var target = Tree.DirectoryOf(newPath, "rename");
            var (name, newName) = (Path.GetFileName(path), Path.GetFileName(newPath));
            var node = source.Live.GetValueOrDefault(name)
                ?? throw DiskTree.Failure("rename", path, "No such file or directory");
            // A directory takes an empty one's place, and a file never one's.
            var replaced = target.Live.GetValueOrDefault(newName);
            var isInTheWay = node is DirectoryNode
                ? replaced is not (null or DirectoryNode { Live.Count: 0 })
                : replaced is DirectoryNode;
            if (isInTheWay)
                throw DiskTree.Failure("rename", path, "Is a directory, or not empty");
            Log.Carry(DiskOperationKind.Rename, $"{path} -> {newName}", () =>
            {
                if (source == target)
                {
                    source.Change(new NameChange(Log.NextSequence(), node, name, newName));
                    return;
                }

                var added = NameAdded(node, newName);
                target.Change(added);
                source.Change(new NameChange(Log.NextSequence(), node, name, null, Requires: added));
            });
        }
    }

    /// <inheritdoc/>
    public void Link(string path, string newPath)
    {
        Await(DiskOperationKind.Link, newPath);
        lock (Gate)
        {
            var (file, target) = (Tree.FileAt(path), Tree.DirectoryOf(newPath, "link"));
            var newName = Path.GetFileName(newPath);
            if (target.Live.ContainsKey(newName))
                throw DiskTree.Failure("link", newPath, "File exists");
            Log.Carry(DiskOperationKind.Link, newPath, () => target.Change(NameAdded(file, newName)));
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
        Await(DiskOperationKind.MakeReadOnly, path);
        lock (Gate)
        {
            var file = Tree.FileAt(path);
            Log.Carry(DiskOperationKind.MakeReadOnly, path, () =>
                file.Change(new ReadOnlyChange(Log.NextSequence())));
        }
    }

    /// <inheritdoc/>
    public void SyncDirectory(string path)
    {
        Await(DiskOperationKind.SyncDirectory, path);
        lock (Gate)
        {
            var directory = Tree.Existing(path, "sync");
            Log.Carry(DiskOperationKind.SyncDirectory, path, () => Tree.SyncNames(directory), applied =>
                directory.SyncFirst((int)(directory.Unsynced.Count * applied)));
        }
    }

    /// <inheritdoc/>
    public IWalLock Lock(string path)
    {
        Await(DiskOperationKind.Lock, path);
        lock (Gate)
        {
            var (directory, name) = (Tree.DirectoryOf(path, "lock"), Path.GetFileName(path));
            if (Locks.IsHeld(directory, name))
                throw new WalLockedException(DiskTree.ParentOf(path), "somebody in this simulation");
            Log.Carry(DiskOperationKind.Lock, path, () =>
            {
                if (!directory.Live.ContainsKey(name))
                    directory.Change(NameAdded(new FileNode(), name));
            });
            return new HeldLock(this, path, directory, directory.Live[name]);
        }
    }

    /// <inheritdoc/>
    public bool IsLocked(string path)
    {
        lock (Gate)
        {
            return Tree.FindDirectory(DiskTree.ParentOf(path)) is { } directory
                && Locks.IsHeld(directory, Path.GetFileName(path));
        }
    }

    /// <inheritdoc/>
    public IWalDirectory OpenDirectory(string path)
    {
        lock (Gate)
            return new SimulatedDirectory(this, path, Tree.Existing(path, "open"));
    }

    /// <summary>
    /// The disk after the process died: everything written is there, synced or not; handles and locks are gone.
    /// </summary>
    public SimulatedDisk Kill()
    {
        lock (Gate)
            return new SimulatedDisk(DiskFork.Of(Tree.Root), Log.Sequence);
    }

    /// <summary>Every lock is lost, and no holder is told: as on NFS when a lease runs out.</summary>
    public void LoseLocks()
    {
        lock (Gate)
            Locks.Clear();
    }

    /// <summary>A disk as it could look after a power cut now, of any mode. One seed always gives the same.</summary>
    public SimulatedDisk PowerCut(Random random) => PowerCut(random, CutMode.Any(random));

    /// <summary>A disk as it could look after a power cut now. One seed always gives the same.</summary>
    public SimulatedDisk PowerCut(Random random, CutMode mode)
    {
        lock (Gate)
        {
            var cutter = new PowerCutter(random, mode, [.. Tree.Directories]);
            return new SimulatedDisk(cutter.Restore(Tree.Root), Log.Sequence);
        }
    }

    /// <summary>
    /// The cache drops its clean pages: what a failed sync left unwritten is gone, and the old bytes are back. With a
    /// source of chance, just some of the pages go.
    /// </summary>
    public void Evict(Random? random = null)
    {
        lock (Gate)
        {
            foreach (var file in Tree.LiveFiles.ToList())
                file.Evict(random);
        }
    }

    /// <summary>All the bytes of a file as the cache shows them.</summary>
    /// <exception cref="WalIOException">There is no such file.</exception>
    public byte[] ReadAll(string path)
    {
        lock (Gate)
        {
            var image = Tree.FileAt(path).Live;
            var bytes = new byte[image.LengthBytes];
            image.Read(0, bytes);
            return bytes;
        }
    }

    /// <summary>
    /// Holds back each operation of a kind on the files of a name, before it begins, until the gate is opened. The rest
    /// of the disk goes on.
    /// </summary>
    /// <param name="kind">Of a file that is opened to be created or emptied: that.</param>
    /// <param name="file">How the file's path ends: <c>".log"</c>, <c>"00000000.log"</c>, or "" for every file.</param>
    public DiskGate Hold(DiskOperationKind kind, string file) => Script.Hold(kind, file);

    /// <summary>As <see cref="Hold"/>, each read of the files of a name.</summary>
    /// <param name="file">As of <see cref="Hold"/>.</param>
    /// <param name="minBytes">Shorter reads are not held.</param>
    public DiskGate HoldReads(string file, int minBytes = 0) => Script.HoldReads(file, minBytes);

    /// <summary>
    /// Fails the next operations of a kind on the files of a name, unless <see cref="Faults"/> says what to do with
    /// them.
    /// </summary>
    /// <param name="kind">The kind.</param>
    /// <param name="file">As of <see cref="Hold"/>.</param>
    /// <param name="fault">How they fail.</param>
    /// <param name="times">How many of them; 1 or more.</param>
    public void Fail(DiskOperationKind kind, string file, DiskFault fault, int times = int.MaxValue) =>
        Script.Fail(kind, file, fault, times);

    /// <summary>Takes back each <see cref="Fail"/>.</summary>
    public void Heal() => Script.Heal();

    /// <summary>
    /// Ends when the next operation of a kind on a file of a name was carried out without a fault: an event to wait
    /// for. It does not end where none comes.
    /// </summary>
    /// <param name="kind">The kind.</param>
    /// <param name="file">As of <see cref="Hold"/>.</param>
    public Task<DiskOperation> Next(DiskOperationKind kind, string file) => Script.Next(kind, file);

    /// <summary>The disk as it could look after a power cut now; whatever comes after on this one fails.</summary>
    internal SimulatedDisk CutOff(Func<SimulatedDisk> cut)
    {
        SimulatedDisk left;
        lock (Gate)
        {
            left = cut();
            Log.IsCutOff = true;
        }

        Script.OpenGates();
        return left;
    }

    /// <summary>Waits where a test holds an operation back. Whoever has the disk's lock has waited before.</summary>
    internal void Await(DiskOperationKind kind, string path)
    {
        if (!Gate.IsHeldByCurrentThread)
            Script.Pass(kind, path);
    }

    private NameChange NameAdded(Node node, string name) => new(Log.NextSequence(), node, null, name);

    private void Remove(string path, DiskOperationKind kind, Predicate<Node> isRemovable)
    {
        Await(kind, path);
        lock (Gate)
        {
            var (directory, name) = (Tree.DirectoryOf(path, "delete"), Path.GetFileName(path));
            var node = directory.Live.GetValueOrDefault(name)
                ?? throw DiskTree.Failure("delete", path, "No such file or directory");
            if (!isRemovable(node))
                throw DiskTree.Failure(
                    "delete", path, node is DirectoryNode ? "Directory not empty" : "Is a directory");
            Log.Carry(kind, path, () => directory.Change(new NameChange(Log.NextSequence(), node, name, null)));
        }
    }
}
