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
    private readonly NameOperations _names;

    /// <summary>An empty disk without a size limit.</summary>
    public SimulatedDisk() : this(new DirectoryNode(), sequence: 0)
    {
    }

    private SimulatedDisk(DirectoryNode root, long sequence)
    {
        State = new DiskState(root, sequence);
        _names = new NameOperations(State);
    }

    /// <summary>
    /// Called before each operation that changes the disk: returns a fault to fail it with, or null. It runs on the
    /// operation's thread, and no other operation runs meanwhile.
    /// </summary>
    public Func<DiskOperation, DiskFault?>? Faults
    {
        get => State.Log.Faults;
        set => State.Log.Faults = value;
    }

    /// <summary>
    /// Called before each read with path and position: returns whether to fail it. Runs as <see cref="Faults"/> does.
    /// </summary>
    public Func<string, long, bool>? ReadFaults
    {
        get => State.ReadFaults;
        set => State.ReadFaults = value;
    }

    /// <summary>
    /// Called after each operation, also after a failed one. A test can cut the power here. Runs as
    /// <see cref="Faults"/> does.
    /// </summary>
    public Action<DiskOperation>? AfterOperation
    {
        get => State.Log.AfterOperation;
        set => State.Log.AfterOperation = value;
    }

    /// <summary>
    /// The capacity in bytes of pages; a page has 4,096 bytes. A write that exceeds it writes what fits and fails with
    /// ENOSPC. Null for no limit.
    /// </summary>
    public long? CapacityBytes
    {
        get => State.Log.CapacityBytes;
        set => State.Log.CapacityBytes = value;
    }

    /// <summary>A copy of the list of all operations since this disk was made, oldest first.</summary>
    public IReadOnlyList<DiskOperation> Operations
    {
        get
        {
            lock (State.Gate) return [.. State.Log.All];
        }
    }

    /// <summary>The bytes of the written pages of all files.</summary>
    public long UsedBytes
    {
        get
        {
            lock (State.Gate) return State.Tree.UsedBytes;
        }
    }

    /// <summary>The number of open file handles.</summary>
    internal int OpenHandleCount
    {
        get
        {
            lock (State.Gate) return State.OpenHandleCount;
        }
    }

    /// <summary>The number of locks that are held.</summary>
    internal int HeldLockCount
    {
        get
        {
            lock (State.Gate) return State.Locks.Count;
        }
    }

    /// <summary>The promises that this disk breaks, for specs which prove that others would notice.</summary>
    internal BrokenDisk Broken
    {
        get => State.Broken;
        set => State.Broken = value;
    }

    internal DiskState State { get; }

    /// <inheritdoc/>
    public IWalFile Open(string path, FileAccessMode mode) => _names.Open(path, mode);

    /// <inheritdoc/>
    public WalDirectoryEntry? Stat(string path) => _names.Stat(path);

    /// <inheritdoc/>
    public IReadOnlyList<WalDirectoryEntry> List(string directory) => _names.List(directory);

    /// <inheritdoc/>
    public void CreateDirectory(string path) => _names.CreateDirectory(path);

    /// <inheritdoc/>
    public void Rename(string path, string newPath) => _names.Rename(path, newPath);

    /// <inheritdoc/>
    public void Link(string path, string newPath) => _names.Link(path, newPath);

    /// <inheritdoc/>
    public void Delete(string path) => _names.Delete(path);

    /// <inheritdoc/>
    public void DeleteDirectory(string path) => _names.DeleteDirectory(path);

    /// <inheritdoc/>
    public void MakeReadOnly(string path) => _names.MakeReadOnly(path);

    /// <inheritdoc/>
    public void SyncDirectory(string path) => _names.SyncDirectory(path);

    /// <inheritdoc/>
    public IWalLock Lock(string path) => _names.Lock(path);

    /// <inheritdoc/>
    public bool IsLocked(string path) => _names.IsLocked(path);

    /// <inheritdoc/>
    public IWalDirectory OpenDirectory(string path) => _names.OpenDirectory(path);

    /// <summary>
    /// The disk after the process died: everything that was written is there, synced or not. Handles and locks are
    /// gone.
    /// </summary>
    public SimulatedDisk Kill()
    {
        lock (State.Gate) return new SimulatedDisk(DiskFork.Of(State.Tree.Root), State.Log.Sequence);
    }

    /// <summary>All locks are lost, and no holder is notified, as on NFS after a lease has expired.</summary>
    public void LoseLocks()
    {
        lock (State.Gate) State.Locks.Clear();
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
        lock (State.Gate)
        {
            var cutter = new PowerCutter(random, mode, [.. State.Tree.Directories]);
            return new SimulatedDisk(cutter.Restore(State.Tree.Root), State.Log.Sequence);
        }
    }

    /// <summary>
    /// The cache drops its clean pages. Bytes that a failed sync did not write are lost, and the old bytes are back.
    /// With a random source only some pages are dropped.
    /// </summary>
    public void Evict(Random? random = null)
    {
        lock (State.Gate)
        {
            foreach (var file in State.Tree.LiveFiles.ToList())
                file.Evict(random);
        }
    }

    /// <summary>All bytes of a file, as the cache shows them.</summary>
    /// <exception cref="WalIOException">There is no such file.</exception>
    public byte[] ReadAll(string path)
    {
        lock (State.Gate)
        {
            var image = State.Tree.FileAt(path).Live;
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
    public DiskGate Hold(DiskOperationKind kind, string file) => State.Script.Hold(kind, file);

    /// <summary>Holds back each read of certain files, as <see cref="Hold"/>.</summary>
    /// <param name="file">As of <see cref="Hold"/>.</param>
    /// <param name="minBytes">The shortest read that is held.</param>
    public DiskGate HoldReads(string file, int minBytes = 0) => State.Script.HoldReads(file, minBytes);

    /// <summary>
    /// Fails the next operations of a kind on certain files, unless <see cref="Faults"/> returns a fault for them.
    /// </summary>
    /// <param name="kind">The kind.</param>
    /// <param name="file">As of <see cref="Hold"/>.</param>
    /// <param name="fault">How they fail.</param>
    /// <param name="times">The number of operations that fail; 1 or more.</param>
    public void Fail(DiskOperationKind kind, string file, DiskFault fault, int times = int.MaxValue) =>
        State.Script.Fail(kind, file, fault, times);

    /// <summary>Cancels every <see cref="Fail"/>.</summary>
    public void Heal() => State.Script.Heal();

    /// <summary>
    /// Completes when the next operation of a kind on one of certain files was carried out without a fault. A test can
    /// wait for it.
    /// </summary>
    /// <param name="kind">The kind.</param>
    /// <param name="file">As of <see cref="Hold"/>.</param>
    public Task<DiskOperation> Next(DiskOperationKind kind, string file) => State.Script.Next(kind, file);

    /// <summary>
    /// Makes a possible state of the disk after a power cut now. Every later operation on this disk fails.
    /// </summary>
    internal SimulatedDisk CutOff(Func<SimulatedDisk> cut)
    {
        SimulatedDisk left;
        lock (State.Gate)
        {
            left = cut();
            State.Log.IsCutOff = true;
        }

        State.Script.OpenGates();
        return left;
    }
}
