using Akka.Actor;
using Akka.Cluster.Hosting;
using AkkaWal.Cluster.Entity;
using AkkaWal.Cluster.Placement;
using AkkaWal.Configuration;
using AkkaWal.Hosting;
using AkkaWal.Storage;

namespace AkkaWal.Cluster;

/// <summary>
/// The options of a region of sharded logs, set in code or by a section of <c>IConfiguration</c>. They must be the same
/// on all nodes, except <see cref="Root"/>.
/// </summary>
public sealed class ShardedWalOptions
{
    private const int MostShards = 10_000;

    /// <summary>
    /// The directory below which each log has its directory: an absolute path. It must exist, and be initialized at the
    /// first start: see <see cref="InitializeRoot"/>. Null for a proxy.
    /// </summary>
    public string? Root { get; set => field = value is null ? null : Setting.PathOrEmpty(value); }

    /// <summary>
    /// Whether an empty <see cref="Root"/> is a new one. Set it for the first start only: later an empty root is one
    /// that is not mounted, and without this option the node refuses to start instead of creating its logs anew.
    /// </summary>
    public bool InitializeRoot { get; set; }

    /// <summary>
    /// Where the logs' directories are. There is no default, since a wrong choice loses data.
    /// </summary>
    public WalPlacement? Placement { get; set => field = value is { } given ? Setting.Known(given) : null; }

    /// <summary>
    /// For <see cref="WalPlacement.Local"/>: the roles of the nodes with disks, in the same order on all nodes. Each
    /// such node has exactly one of them and keeps it for ever (for example the name of its pod in a StatefulSet). The
    /// name of a log determines its role, so this list must not change while there are logs.
    /// </summary>
    public IList<string> NodeRoles { get; } = [];

    /// <summary>
    /// The number of shards, 1 to 10000. It must be the same on all nodes and must not change while there are logs. 100
    /// by default; ten for each node is a good number.
    /// </summary>
    public int Shards { get; set => field = Setting.Within(value, 1, MostShards); } = 100;

    /// <summary>
    /// How long a log that has moved waits until its previous owner has released its lock; 10 s by default. Then it
    /// refuses requests, but each request may cause another try to open it.
    /// </summary>
    public TimeSpan LockWait { get; set => field = Setting.Positive(value, ConfigSection.LongestWait); }
        = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a client waits for a reply, with all its tries; 20 s by default, so that an append outlives a fail-over
    /// of 8 to 10 seconds. A client may be created with another time.
    /// </summary>
    public TimeSpan Timeout { get; set => field = Setting.Positive(value, ConfigSection.LongestWait); }
        = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a client waits for the reply to one try, if it may send the request again; 2 s by default. It must be
    /// longer than the largest append or read takes.
    /// </summary>
    public TimeSpan TryTimeout { get; set => field = Setting.Positive(value, ConfigSection.LongestWait); }
        = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The options of each log, except its directory and its owner.
    /// </summary>
    public WalLogOptions Log { get; } = new();

    /// <summary>
    /// The options of Akka.Cluster.Sharding: role, lease, passivation, remembered entities and the store of its state
    /// (DData by default). The stop message can't be set. If some nodes have proxies, all nodes must set the role: that
    /// of the nodes with the logs.
    /// </summary>
    public ShardOptions Sharding { get; set => field = Setting.Present(value); } = new();

    /// <summary>The props of a log's entity. Tests plant faults here: another actor, or another file system.</summary>
    internal Func<Region, string, Props> EntityProps { get; set; } = LogEntity.PropsOf;

    /// <summary>Throws if options are missing or contradict each other.</summary>
    /// <param name="name">The region's name.</param>
    /// <param name="isProxy">Whether the options are those of a proxy.</param>
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
