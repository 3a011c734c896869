using AkkaWal.Storage.Files;
using AkkaWal.TestKit.Simulation.Tree;

namespace AkkaWal.TestKit.Simulation;

/// <summary>
/// What is locked, and by whom: lock files with their directories, and single files. Used under the disk's lock.
/// </summary>
internal sealed class HeldLocks
{
    private readonly Dictionary<Node, object> _held = new(ReferenceEqualityComparer.Instance);

    /// <summary>How many holders there are.</summary>
    public int Count => _held.Values.Distinct().Count(holder => holder is IWalLock);

    public bool IsHeld(DirectoryNode directory, string lockName) => _held.ContainsKey(directory)
        || (directory.Live.GetValueOrDefault(lockName) is { } file && _held.ContainsKey(file));

    /// <summary>Locks a node; false where another holder has it.</summary>
    public bool TryAdd(Node node, object holder) => _held.TryAdd(node, holder) || _held[node] == holder;

    /// <summary>Releases what a holder still has.</summary>
    public void Release(object holder)
    {
        foreach (var (node, by) in _held.ToList())
        {
            if (by == holder)
                _held.Remove(node);
        }
    }

    /// <summary>All locks are lost, and no holder is notified.</summary>
    public void Clear() => _held.Clear();
}
