using Akka.Actor;
using Akka.Cluster;

namespace AkkaWal.Cluster.Placement;

/// <summary>
/// The node of each shard, if each node has a disk of its own. The list of roles is the same on all nodes and never
/// changes. So each node knows where a shard is without asking, also after a restart of the whole cluster. For any
/// number of threads.
/// </summary>
/// <param name="roles">One for each node.</param>
internal sealed class NodeMap(IReadOnlyList<string> roles)
{
    internal IReadOnlyList<string> Roles => roles;

    /// <summary>The role of the node that a shard belongs to.</summary>
    internal string RoleOf(int shard) => roles[shard % roles.Count];

    /// <summary>
    /// The address of the node with a role; null if no node that can be reached has it, or two nodes have it. Then the
    /// one that can't be reached may still run.
    /// </summary>
    internal static Address? Find(ClusterEvent.CurrentClusterState cluster, string role)
    {
        Member? found = null;
        foreach (var member in cluster.Members)
        {
            if (member.Status == MemberStatus.Removed || !member.HasRole(role)) continue;
            if (found is not null) return null;
            found = member;
        }
        return found is { Status: MemberStatus.Up } && !cluster.Unreachable.Contains(found) ? found.Address : null;
    }
}
