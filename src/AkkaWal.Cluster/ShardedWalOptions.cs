using Akka.Cluster.Hosting;
using AkkaWal.Cluster.Placement;
using AkkaWal.Configuration;
using AkkaWal.Hosting;
using AkkaWal.Storage;

namespace AkkaWal.Cluster;

/// <summary>
/// The options of a region of sharded logs, set in code or by a section of <c>IConfiguration</c>. They are the same on
/// all nodes, but for <see cref="Root"/>.
/// </summary>
public sealed class ShardedWalOptions
{
    private const int MostShards = 10_000;

    /// <summary>
    /// The directory that gets one directory a log: an absolute path. It must exist, and be empty at the first start.
    /// Null for a proxy.
    /// </summary>
    public string? Root { get; set => field = value is null ? null : Setting.PathOrEmpty(value); }

    /// <summary>Where the logs' directories are. There is no default: the two lose data in different ways.</summary>
    public WalPlacement? Placement { get; set => field = value is { } given ? Setting.Known(given) : null; }

    /// <summary>
    /// For <see cref="WalPlacement.Local"/>: the roles of the nodes with disks, in the same order on all nodes. Each
    /// such node has exactly one of them, and keeps it for ever (that of a StatefulSet's ordinal, say). A log belongs
    /// to one of them by its name, so the list never changes while there are logs.
    /// </summary>
    public IList<string> NodeRoles { get; } = [];

    /// <summary>
    /// The number of shards, 1 to 10000; the same on all nodes, and it never changes while there are logs. 100 by
    /// default; ten for each node is a good number.
    /// </summary>
    public int Shards { get; set => field = Setting.Within(value, 1, MostShards); } = 100;

    /// <summary>
    /// How long a log waits, where it has moved, for its previous owner to release its lock; 10 s by default. After
    /// that it refuses requests, and goes on trying when there are some.
    /// </summary>
    public TimeSpan LockWait { get; set => field = Setting.Positive(value, ConfigSection.LongestWait); }
        = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a client waits for a reply, with all its tries, unless it is told otherwise; 20 s by default, so that
    /// an append outlives a fail-over of about 10 seconds.
    /// </summary>
    public TimeSpan Timeout { get; set => field = Setting.Positive(value, ConfigSection.LongestWait); }
        = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a client waits for one try of a request that may be repeated; 2 s by default. Longer than the largest
    /// append or read takes.
    /// </summary>
    public TimeSpan TryTimeout { get; set => field = Setting.Positive(value, ConfigSection.LongestWait); }
        = TimeSpan.FromSeconds(2);

    /// <summary>
    /// What each log is like: what <see cref="WalLogOptions"/> says of one log, but for its directory.
    /// </summary>
    public WalLogOptions Log { get; } = new();

    /// <summary>
    /// What sharding is told: role, lease, passivation, store of its state (DData where nothing is said). Logs are not
    /// remembered unless it says so. The stop message is the logs' own. Where some nodes have proxies, the role is
    /// that of the nodes with the logs, and all nodes name it.
    /// </summary>
    public ShardOptions Sharding { get; set => field = Setting.Present(value); } = new();

    /// <summary>Refuses options that do not go together.</summary>
    /// <param name="name">The region's name.</param>
    /// <param name="isProxy">Whether this node has no logs of its own.</param>
    /// <exception cref="WalConfigException">The message names the options.</exception>
    internal void ThrowIfContradictory(string name, bool isProxy)
    {
        if (LogSections.KeyOf(name) is not null && name.Any(letter => !IsOfRegion(letter)))
            throw new WalConfigException(
                $"'{name}' is no name for a region: it has letters, digits, '-' and '_' alone");
        if (isProxy && Root is not null)
            throw Wrong(nameof(Root), "is set, and a proxy has no logs of its own: use WithShardedWal");
        if (isProxy && string.IsNullOrEmpty(Sharding.Role))
            throw Wrong("Sharding.Role", "must be set for a proxy: the role of the nodes with the logs");
        if (!isProxy && string.IsNullOrEmpty(Root))
            throw Wrong(nameof(Root), "must be set: the absolute path of an existing directory");
        if (Log.Directory is not null)
            throw Wrong("Log.Directory", $"must not be set: each log has a directory below {nameof(Root)}");
        if (Log.Owner is not null)
            throw Wrong("Log.Owner", "must not be set: the owner of a log is the node that has it");
        if (Sharding.HandOffStopMessage is not null)
            throw Wrong("Sharding.HandOffStopMessage", "must not be set: a log has a stop message of its own");
        if (TryTimeout > Timeout)
            throw Wrong(nameof(TryTimeout), $"is longer than {nameof(Timeout)}: a try is a part of it");
        switch (Placement)
        {
            case null:
                throw Wrong(nameof(Placement), "must be set: Shared where all nodes mount one storage, else Local");
            case WalPlacement.Shared when NodeRoles.Count > 0:
                throw Wrong(nameof(NodeRoles), "is set, and with shared storage no log belongs to a node");
            case WalPlacement.Local:
                ThrowUnlessNodes();
                break;
        }

        WalConfigException Wrong(string option, string why) =>
            new($"{nameof(ShardedWalOptions)}.{option} of {name} {why}");

        void ThrowUnlessNodes()
        {
            if (NodeRoles.Count == 0)
                throw Wrong(nameof(NodeRoles), "must be set: one role for each node with a disk");
            if (NodeRoles.Any(role => string.IsNullOrWhiteSpace(role) || role.Any(char.IsControl)))
                throw Wrong(nameof(NodeRoles), "has a role that is empty or no text of one line");
            if (NodeRoles.Distinct(StringComparer.Ordinal).Count() < NodeRoles.Count)
                throw Wrong(nameof(NodeRoles), "names a role twice");
            if (NodeRoles.Count > Shards)
                throw Wrong(nameof(NodeRoles), $"has more roles than there are shards ({Shards})");
        }
    }

    internal NodeMap? Nodes() => Placement == WalPlacement.Local ? new NodeMap([.. NodeRoles]) : null;

    private static bool IsOfRegion(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_';
}
