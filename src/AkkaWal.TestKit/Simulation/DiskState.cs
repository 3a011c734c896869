using AkkaWal.TestKit.Simulation.Tree;

namespace AkkaWal.TestKit.Simulation;

/// <summary>
/// The state of a simulated disk, to which all its open files, directories and locks refer. An operation on the disk
/// holds <see cref="Gate"/> while it uses the state. It waits for <see cref="Script"/> before that.
/// </summary>
internal sealed class DiskState
{
    public DiskState(DirectoryNode root, long sequence)
    {
        Tree = new DiskTree(root);
        Log = new OperationLog(Tree, Script, sequence);
    }

    /// <summary>The disk's lock.</summary>
    public Lock Gate { get; } = new();

    public DiskTree Tree { get; }

    public OperationLog Log { get; }

    public HeldLocks Locks { get; } = new();

    public DiskScript Script { get; } = new();

    /// <summary>The number of open file handles.</summary>
    public int OpenHandleCount { get; set; }

    /// <summary>The promises that the disk breaks.</summary>
    public BrokenDisk Broken { get; set; }

    /// <summary>Called before each read with path and position: returns whether to fail it.</summary>
    public Func<string, long, bool>? ReadFaults { get; set; }

    /// <summary>Waits if a test holds the operation back. Call it before taking the disk's lock.</summary>
    public void Await(DiskOperationKind kind, string path)
    {
        if (!Gate.IsHeldByCurrentThread) Script.Pass(kind, path);
    }
}
