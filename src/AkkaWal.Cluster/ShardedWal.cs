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
/// The logs of one shard region, as this node sees them: clients of logs by their names. Made by <c>WithShardedWal</c>
/// and <c>WithShardedWalProxy</c>; found with <see cref="ShardedWals.Get"/>, or in the container. For any number of
/// threads.
/// </summary>
public sealed class ShardedWal
{
    private readonly Akka.Cluster.Cluster _cluster;
    private readonly LogExtractor _extractor;
    private readonly NodeMap? _nodes;

    internal ShardedWal(
        string name, IActorRef region, Akka.Cluster.Cluster cluster, LogExtractor extractor, NodeMap? nodes,
        RegionMetrics metrics, ClientLimits limits)
    {
        (Name, Region, _cluster, _extractor, _nodes, Metrics) = (name, region, cluster, extractor, nodes, metrics);
        (Timeout, TryTimeout, MaxPayloadBytes) = (limits.Timeout, limits.TryTimeout, limits.MaxPayloadBytes);
    }

    /// <summary>The region's name.</summary>
    public string Name { get; }

    /// <summary>The shard region, or a proxy of it, for actors. It takes what <see cref="Envelope"/> makes.</summary>
    public IActorRef Region { get; }

    internal TimeSpan Timeout { get; }

    internal TimeSpan TryTimeout { get; }

    internal int? MaxPayloadBytes { get; }

    internal RegionMetrics Metrics { get; }

    /// <summary>The roles of nodes that have a disk of their own, and are away now; empty where storage is shared.
    /// </summary>
    internal IEnumerable<string> AwayRoles =>
        _nodes is null ? [] : _nodes.Roles.Where(role => NodeMap.Find(_cluster.State, role) is null);

    /// <summary>A client of a log; it holds nothing that has to be given back.</summary>
    /// <param name="log">
    /// The log's name: 1 to 128 letters, and no path. The log is created when it is first used.
    /// </param>
    /// <param name="timeout">How long a reply may take, with all tries; that of the options where null.</param>
    /// <remarks>
    /// Within its time-out the client sends again what definitely did not happen
    /// (<see cref="FailureKind.Unavailable"/>, <see cref="FailureKind.NotOwned"/>). Where the outcome of a try is
    /// unknown it sends reads and questions again, and appends with an expected offset; any other append ends as
    /// <see cref="FailureKind.OutcomeUnknown"/>.
    /// A conditional append whose first try may have happened succeeds where the log has the same bytes at the
    /// expected offset: writers that may send the same bytes put something into the payload that tells whose it is.
    /// </remarks>
    /// <exception cref="WalConfigException">Nothing can have that name.</exception>
    public WalClient Client(string log, TimeSpan? timeout = null)
    {
        if (LogName.Explain(log) is { } why) throw new WalConfigException(why);
        return new WalClient(new ShardedRoute(this, log), timeout ?? Timeout, MaxPayloadBytes);
    }

    /// <summary>A request as an actor tells it to the <see cref="Region"/>; the reply goes to the sender.</summary>
    /// <param name="log">The log's name.</param>
    /// <param name="request">The request.</param>
    /// <param name="timeout">For how long it may be carried out from now on.</param>
    /// <exception cref="WalConfigException">Nothing can have that name.</exception>
    public static ShardingEnvelope Envelope(string log, LogRequest request, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (LogName.Explain(log) is { } why) throw new WalConfigException(why);
        Setting.Positive(timeout, ConfigSection.LongestWait, nameof(timeout));
        return new ShardingEnvelope(log, new ShardedRequest(request, DateTime.UtcNow + timeout));
    }

    /// <summary>
    /// Why a log can't be reached, where it is on a disk of a node that is away; null where it may be reached.
    /// </summary>
    internal string? WhyAway(string log)
    {
        if (_nodes is null) return null;
        var role = _nodes.RoleOf(_extractor.ShardOf(log));
        return NodeMap.Find(_cluster.State, role) is null
            ? $"the log {log} is on the disk of {role}, and no node with this role is up and reachable" : null;
    }

    /// <summary>What clients wait for and send.</summary>
    internal readonly record struct ClientLimits(TimeSpan Timeout, TimeSpan TryTimeout, int? MaxPayloadBytes);
}
