using AkkaWal.TestKit.Simulation.Tree;

namespace AkkaWal.TestKit.Simulation;

/// <summary>
/// What the open files, directories and locks of a simulated disk share. All but <see cref="Script"/> is used under
/// <see cref="Gate"/>.
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
