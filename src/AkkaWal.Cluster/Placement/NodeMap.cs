using Akka.Actor;
using Akka.Cluster;

namespace AkkaWal.Cluster.Placement;

/// <summary>
/// Which node has a shard, where each node has a disk of its own. The list of roles is the same on all nodes and never
/// changes, so that everybody knows it without asking, also after a restart of the whole cluster. For any number of
/// threads.
/// </summary>
/// <param name="roles">One for each node.</param>
internal sealed class NodeMap(IReadOnlyList<string> roles)
{
    internal IReadOnlyList<string> Roles => roles;

    /// <summary>The role of the node that a shard belongs to.</summary>
    internal string RoleOf(int shard) => roles[shard % roles.Count];

    /// <summary>Those of the roles that a node has.</summary>
    internal IEnumerable<string> RolesOf(Member node) => roles.Where(node.HasRole);

    /// <summary>
    /// The address of the node with a role; null where no node has it that can be reached, or more than one has it.
    /// </summary>
    internal static Address? Find(ClusterEvent.CurrentClusterState cluster, string role)
    {
        Address? found = null;
        foreach (var member in cluster.Members)
        {
            if (member.Status != MemberStatus.Up || !member.HasRole(role)) continue;
            if (cluster.Unreachable.Contains(member)) continue;
            if (found is not null) return null;
            found = member.Address;
        }
        return found;
    }
}
