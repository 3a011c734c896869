using Akka.Actor;
using Akka.Cluster.Sharding;
using AkkaWal.Cluster.Client;
using AkkaWal.Cluster.Naming;
using AkkaWal.Cluster.Placement;
using AkkaWal.Configuration;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Cluster;

/// <summary>
/// The logs of one region, for users on this node: it makes clients of logs by their names. <c>WithShardedWal</c> and
/// <c>WithShardedWalProxy</c> create it; <see cref="ShardedWals.Get"/> and the container return it. For any number of
/// threads.
/// </summary>
public sealed class ShardedWal
{
    private readonly Akka.Cluster.Cluster _cluster;
    private readonly LogExtractor _extractor;
    private readonly NodeMap? _nodes;
    private readonly ShardedRoot? _root;

    internal ShardedWal(
        string name, IActorRef region, Akka.Cluster.Cluster cluster, LogExtractor extractor, NodeMap? nodes,
        RegionMetrics metrics, ClientLimits limits, NodeRemovals removals, ShardedRoot? root)
    {
        (Name, Region, _cluster, _extractor, _nodes, Metrics) = (name, region, cluster, extractor, nodes, metrics);
        (Removals, _root) = (removals, root);
        (Timeout, TryTimeout, MaxPayloadBytes) = (limits.Timeout, limits.TryTimeout, limits.MaxPayloadBytes);
    }

    /// <summary>The region's name.</summary>
    public string Name { get; }

    /// <summary>
    /// The actor of the shard region on this node, or of its proxy. Actors send it what <see cref="Envelope"/> returns.
    /// </summary>
    public IActorRef Region { get; }

    internal TimeSpan Timeout { get; }

    internal TimeSpan TryTimeout { get; }

    internal int? MaxPayloadBytes { get; }

    internal RegionMetrics Metrics { get; }

    internal NodeRemovals Removals { get; }

    /// <summary>
    /// The roles of nodes with a disk of their own that can't be reached now; empty if storage is shared.
    /// </summary>
    internal IEnumerable<string> AwayRoles =>
        _nodes is null ? [] : _nodes.Roles.Where(role => NodeMap.Find(_cluster.State, role) is null);

    /// <summary>
    /// Why no log can be opened on this node now; null if one can, or if this node has a proxy. Reads the root's
    /// marker, and so waits as long as the file system does.
    /// </summary>
    internal string? WhyRootNotUsable() => _root?.WhyNotUsable();

    /// <summary>A client of a log. It holds no resources.</summary>
    /// <param name="log">
    /// The log's name: 1 to 128 letters, not a path. The log is created when it is first used.
    /// </param>
    /// <param name="timeout">
    /// How long a reply may take, with all tries; null for <see cref="ShardedWalOptions.Timeout"/>.
    /// </param>
    /// <remarks>
    /// Within its time-out the client sends a request again that did not happen (<see cref="FailureKind.Unavailable"/>,
    /// <see cref="FailureKind.NotOwned"/>). If the outcome of a try is unknown, it sends reads, questions and appends
    /// with an expected offset again. Any other append ends as <see cref="FailureKind.OutcomeUnknown"/>.
    /// An append with an expected offset may have happened at an earlier try. It succeeds if the log has its bytes at
    /// the expected offset. So if two writers may send equal bytes, each payload must also say which writer sent it.
    /// </remarks>
    /// <exception cref="WalConfigException">No log can have that name.</exception>
    public WalClient Client(string log, TimeSpan? timeout = null)
    {
        if (LogName.Explain(log) is { } why) throw new WalConfigException(why);
        return new WalClient(new ShardedRoute(this, log), timeout ?? Timeout, MaxPayloadBytes);
    }

    /// <summary>The message in which an actor sends a request to <see cref="Region"/>. The reply goes to the sender.
    /// </summary>
    /// <param name="log">The log's name.</param>
    /// <param name="request">The request.</param>
    /// <param name="timeout">How long from now it may be carried out.</param>
    /// <exception cref="WalConfigException">No log can have that name.</exception>
    public static ShardingEnvelope Envelope(string log, LogRequest request, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (LogName.Explain(log) is { } why) throw new WalConfigException(why);
        Setting.Positive(timeout, ConfigSection.LongestWait, nameof(timeout));
        return new ShardingEnvelope(log, new ShardedRequest(request, DateTime.UtcNow + timeout));
    }

    /// <summary>
    /// Why a log can't be reached: it is on the disk of a node that is away. Null if it may be reached.
    /// </summary>
    internal string? WhyAway(string log)
    {
        if (_nodes is null) return null;
        var role = _nodes.RoleOf(_extractor.ShardOf(log));
        return NodeMap.Find(_cluster.State, role) is null
            ? $"the log {log} is on the disk of {role}, and no node with this role is up and reachable" : null;
    }

    /// <summary>The limits of clients.</summary>
    internal readonly record struct ClientLimits(TimeSpan Timeout, TimeSpan TryTimeout, int? MaxPayloadBytes);
}
