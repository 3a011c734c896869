using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.TestKit.Simulation;
using AkkaWal.TestKit.Simulation.Tree;

namespace AkkaWal.TestKit;

/// <summary>
/// A file system in memory. It keeps two states apart, the disk and the page cache, both for the bytes and lengths of
/// files and for the names in directories. It can lose power, run full, fail and rot.
/// </summary>
/// <remarks>
/// <para>
/// It models Linux at its worst. A write is on the disk after a sync of its file, and a name after a sync of its
/// directory; neither sync does the other's work. Any selection of the unsynced changes can survive a power cut
/// (<see cref="CutMode"/>): writes torn anywhere, lengths with or without their bytes. After a failed sync the cache
/// shows pages, and counts them as clean, that are not on the disk. Later syncs skip them, and <see cref="Evict"/>
/// brings the old bytes back.
/// </para>
/// <para>
/// <see cref="PowerCut(Random, CutMode)"/> and <see cref="Kill"/> return a new disk and do not change this one, so one
/// run of a workload can be cut after each of its operations. All members may be called from any thread. Paths are
/// absolute, with <c>/</c> between names.
/// </para>
/// </remarks>
public sealed class SimulatedDisk : IWalFileSystem
{
    /// <summary>An empty disk without a size limit.</summary>
    public SimulatedDisk() : this(new DirectoryNode(), sequence: 0)
    {
    }

    private SimulatedDisk(DirectoryNode root, long sequence)
    {
        Tree = new DiskTree(root);
        Log = new OperationLog(Tree, Script, sequence);
    }

    /// <summary>
    /// Called before each operation that changes the disk: returns a fault to fail it with, or null. It runs on the
    /// operation's thread, and no other operation runs meanwhile.
    /// </summary>
    public Func<DiskOperation, DiskFault?>? Faults
    {
        get => Log.Faults;
        set => Log.Faults = value;
    }

    /// <summary>
    /// Called before each read with path and position: returns whether to fail it. Runs as <see cref="Faults"/> does.
    /// </summary>
    public Func<string, long, bool>? ReadFaults { get; set; }

    /// <summary>
    /// Called after each operation, also after a failed one. A test can cut the power here. Runs as
    /// <see cref="Faults"/> does.
    /// </summary>
    public Action<DiskOperation>? AfterOperation
    {
        get => Log.AfterOperation;
        set => Log.AfterOperation = value;
    }

    /// <summary>
    /// The capacity in bytes of pages; a page has 4,096 bytes. A write that exceeds it writes what fits and fails with
    /// ENOSPC. Null for no limit.
    /// </summary>
    public long? CapacityBytes
    {
        get => Log.CapacityBytes;
        set => Log.CapacityBytes = value;
    }

    /// <summary>A copy of the list of all operations since this disk was made, oldest first.</summary>
    public IReadOnlyList<DiskOperation> Operations
    {
        get
        {
            lock (Gate) return [.. Log.All];
        }
    }

    /// <summary>The bytes of the written pages of all files.</summary>
    public long UsedBytes
    {
        get
        {
            lock (Gate) return Tree.UsedBytes;
        }
    }

    /// <summary>The number of open file handles.</summary>
    internal int OpenHandleCount { get; set; }

    /// <summary>The number of locks that are held.</summary>
    internal int HeldLockCount => Locks.Count;

    /// <summary>The promises that this disk breaks, for specs which prove that others would notice.</summary>
    internal BrokenDisk Broken { get; set; }

    internal Lock Gate { get; } = new();

    internal DiskTree Tree { get; }

    internal OperationLog Log { get; }

    internal HeldLocks Locks { get; } = new();

    internal DiskScript Script { get; } = new();

    /// <inheritdoc/>
    public IWalFile Open(string path, FileAccessMode mode)
    {
        if (OperationLog.CreationBy(mode) is { } creation) Await(creation, path);
        lock (Gate)
        {
            var directory = Tree.DirectoryOf(path, "open");
            var name = Path.GetFileName(path);
            var node = directory.Live.GetValueOrDefault(name);
            if (node is not null and not FileNode) throw DiskTree.Failure("open", path, "is no plain file");
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
            if (path.AsSpan().Trim('/').IsEmpty) return new WalDirectoryEntry("/", WalEntryKind.Directory, 0);
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
            // A directory may replace an empty directory. A file may not replace a directory.
            var replaced = target.Live.GetValueOrDefault(newName);
            var isInTheWay = node is DirectoryNode
                ? replaced is not (null or DirectoryNode { Live.Count: 0 })
                : replaced is DirectoryNode;
            if (isInTheWay) throw DiskTree.Failure("rename", path, "Is a directory, or not empty");
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
            if (target.Live.ContainsKey(newName)) throw DiskTree.Failure("link", newPath, "File exists");
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
        lock (Gate) return new SimulatedDirectory(this, path, Tree.Existing(path, "open"));
    }

    /// <summary>
    /// The disk after the process died: everything that was written is there, synced or not. Handles and locks are
    /// gone.
    /// </summary>
    public SimulatedDisk Kill()
    {
        lock (Gate) return new SimulatedDisk(DiskFork.Of(Tree.Root), Log.Sequence);
    }

    /// <summary>All locks are lost, and no holder is notified, as on NFS after a lease has expired.</summary>
    public void LoseLocks()
    {
        lock (Gate) Locks.Clear();
    }

    /// <summary>
    /// A possible state of the disk after a power cut now, with a random mode. The same seed always gives the same
    /// state.
    /// </summary>
    public SimulatedDisk PowerCut(Random random) => PowerCut(random, CutMode.Any(random));

    /// <summary>
    /// A possible state of the disk after a power cut now. The same seed always gives the same state.
    /// </summary>
    public SimulatedDisk PowerCut(Random random, CutMode mode)
    {
        lock (Gate)
        {
            var cutter = new PowerCutter(random, mode, [.. Tree.Directories]);
            return new SimulatedDisk(cutter.Restore(Tree.Root), Log.Sequence);
        }
    }

    /// <summary>
    /// The cache drops its clean pages. Bytes that a failed sync did not write are lost, and the old bytes are back.
    /// With a random source only some pages are dropped.
    /// </summary>
    public void Evict(Random? random = null)
    {
        lock (Gate)
        {
            foreach (var file in Tree.LiveFiles.ToList())
                file.Evict(random);
        }
    }

    /// <summary>All bytes of a file, as the cache shows them.</summary>
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
    /// Holds back each operation of a kind on certain files, before it begins, until the gate is opened. Other
    /// operations of the disk go on.
    /// </summary>
    /// <param name="kind">The kind. An opening that creates or empties a file counts as that operation.</param>
    /// <param name="file">
    /// The end of the files' paths: <c>".log"</c>, <c>"00000000.log"</c>, or "" for every file.
    /// </param>
    public DiskGate Hold(DiskOperationKind kind, string file) => Script.Hold(kind, file);

    /// <summary>Holds back each read of certain files, as <see cref="Hold"/>.</summary>
    /// <param name="file">As of <see cref="Hold"/>.</param>
    /// <param name="minBytes">The shortest read that is held.</param>
    public DiskGate HoldReads(string file, int minBytes = 0) => Script.HoldReads(file, minBytes);

    /// <summary>
    /// Fails the next operations of a kind on certain files, unless <see cref="Faults"/> returns a fault for them.
    /// </summary>
    /// <param name="kind">The kind.</param>
    /// <param name="file">As of <see cref="Hold"/>.</param>
    /// <param name="fault">How they fail.</param>
    /// <param name="times">The number of operations that fail; 1 or more.</param>
    public void Fail(DiskOperationKind kind, string file, DiskFault fault, int times = int.MaxValue) =>
        Script.Fail(kind, file, fault, times);

    /// <summary>Cancels every <see cref="Fail"/>.</summary>
    public void Heal() => Script.Heal();

    /// <summary>
    /// Completes when the next operation of a kind on one of certain files was carried out without a fault. A test can
    /// wait for it.
    /// </summary>
    /// <param name="kind">The kind.</param>
    /// <param name="file">As of <see cref="Hold"/>.</param>
    public Task<DiskOperation> Next(DiskOperationKind kind, string file) => Script.Next(kind, file);

    /// <summary>
    /// Makes a possible state of the disk after a power cut now. Every later operation on this disk fails.
    /// </summary>
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

    /// <summary>Waits if a test holds the operation back. Call it before taking the disk's lock.</summary>
    internal void Await(DiskOperationKind kind, string path)
    {
        if (!Gate.IsHeldByCurrentThread) Script.Pass(kind, path);
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
