using Akka.Actor;

namespace AkkaWal.Cluster.Example.Nodes;

/// <summary>How fast a cluster finds out that a node is dead.</summary>
internal enum Failover
{
    /// <summary>Akka's own defaults: about 50 s.</summary>
    Default,

    /// <summary>The settings of hocon/failover.conf: about 10 seconds.</summary>
    Recommended,
}

/// <summary>What one node of the example is started with.</summary>
internal sealed record NodeOptions
{
    private static readonly string[] Names =
        ["cluster", "host", "port", "root", "seed", "placement", "role", "node-roles", "failover"];

    /// <summary>The cluster's name, which is that of the actor systems.</summary>
    internal string Cluster { get; init; } = "shop";

    internal string Host { get; init; } = "127.0.0.1";

    /// <summary>0 is any that is free.</summary>
    internal int Port { get; init; }

    /// <summary>The directory of the logs; null of a node that only uses them.</summary>
    internal string? Root { get; init; }

    /// <summary>Addresses, as host:port. Only the node that comes first may found a new cluster.</summary>
    internal IReadOnlyList<string> Seeds { get; init; } = [];

    internal WalPlacement Placement { get; init; } = WalPlacement.Shared;

    /// <summary>Of a node with a disk of its own: which of the node roles is its.</summary>
    internal string? Role { get; init; }

    /// <summary>The roles of all nodes with disks of their own.</summary>
    internal IReadOnlyList<string> NodeRoles { get; init; } = [];

    internal Failover Failover { get; init; } = Failover.Recommended;

    /// <exception cref="UsageException">The words are no options of a node.</exception>
    internal static NodeOptions Parse(IReadOnlyList<string> words)
    {
        var given = new Arguments(words, Names);
        var otherwise = new NodeOptions();
        return new NodeOptions
        {
            Cluster = given.Text("cluster") ?? otherwise.Cluster,
            Host = given.Text("host") ?? otherwise.Host,
            Port = given.Number("port", otherwise.Port, 0, ushort.MaxValue),
            Root = given.Required("root"),
            Seeds = given.List("seed"),
            Placement = given.Choice("placement", otherwise.Placement),
            Role = given.Text("role"),
            NodeRoles = given.List("node-roles"),
            Failover = given.Choice("failover", otherwise.Failover),
        };
    }

    /// <summary>The words that <see cref="Parse"/> makes the same options of.</summary>
    internal IEnumerable<string> ToWords()
    {
        string[] words =
        [
            "--cluster", Cluster, "--host", Host, "--port", $"{Port}", "--root", Root ?? "",
            "--placement", $"{Placement}", "--failover", $"{Failover}",
        ];
        if (Seeds.Count > 0) words = [.. words, "--seed", string.Join(',', Seeds)];
        if (Role is not null) words = [.. words, "--role", Role];
        return NodeRoles.Count > 0 ? [.. words, "--node-roles", string.Join(',', NodeRoles)] : words;
    }

    /// <summary>A seed as the cluster names it.</summary>
    internal string SeedAddress(string seed) => Address.Parse($"akka.tcp://{Cluster}@{seed}").ToString();
}
