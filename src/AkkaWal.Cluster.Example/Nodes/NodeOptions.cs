using Akka.Actor;

namespace AkkaWal.Cluster.Example.Nodes;

/// <summary>How fast logs of a killed node answer again.</summary>
internal enum Failover
{
    /// <summary>With Akka's defaults: after about 50 s.</summary>
    Default,

    /// <summary>With the settings of hocon/failover.conf: after 8 to 10 s.</summary>
    Recommended,
}

/// <summary>Whether something is to be done.</summary>
internal enum YesNo
{
    /// <summary>It is not.</summary>
    No,

    /// <summary>It is.</summary>
    Yes,
}

/// <summary>The options of one node of the example.</summary>
internal sealed record NodeOptions
{
    private static readonly string[] Names =
        ["cluster", "host", "port", "root", "initialize-root", "seed", "placement", "role", "node-roles", "failover"];

    /// <summary>The name of the cluster and of its actor systems.</summary>
    internal string Cluster { get; init; } = "shop";

    internal string Host { get; init; } = "127.0.0.1";

    /// <summary>The port; 0 for any free one.</summary>
    internal int Port { get; init; }

    /// <summary>The root of the logs; null for a node that only uses them.</summary>
    internal string? Root { get; init; }

    /// <summary>Whether an empty root is a new one.</summary>
    internal bool InitializeRoot { get; init; }

    /// <summary>The seed nodes, as host:port. Only the first one may found a new cluster.</summary>
    internal IReadOnlyList<string> Seeds { get; init; } = [];

    internal WalPlacement Placement { get; init; } = WalPlacement.Shared;

    /// <summary>For a node with a disk of its own: its role of <see cref="NodeRoles"/>.</summary>
    internal string? Role { get; init; }

    /// <summary>The roles of all nodes with disks of their own.</summary>
    internal IReadOnlyList<string> NodeRoles { get; init; } = [];

    internal Failover Failover { get; init; } = Failover.Recommended;

    /// <exception cref="UsageException">An option is not known, or its value is not legal.</exception>
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
            InitializeRoot = given.Choice("initialize-root", YesNo.No) == YesNo.Yes,
            Seeds = given.List("seed"),
            Placement = given.Choice("placement", otherwise.Placement),
            Role = given.Text("role"),
            NodeRoles = given.List("node-roles"),
            Failover = given.Choice("failover", otherwise.Failover),
        };
    }

    /// <summary>The words from which <see cref="Parse"/> makes the same options.</summary>
    internal IEnumerable<string> ToWords()
    {
        string[] words =
        [
            "--cluster", Cluster, "--host", Host, "--port", $"{Port}", "--root", Root ?? "",
            "--initialize-root", $"{(InitializeRoot ? YesNo.Yes : YesNo.No)}",
            "--placement", $"{Placement}", "--failover", $"{Failover}",
        ];
        if (Seeds.Count > 0) words = [.. words, "--seed", string.Join(',', Seeds)];
        if (Role is not null) words = [.. words, "--role", Role];
        return NodeRoles.Count > 0 ? [.. words, "--node-roles", string.Join(',', NodeRoles)] : words;
    }

    /// <summary>The address of a seed node as Akka.Cluster takes it.</summary>
    internal string SeedAddress(string seed) => Address.Parse($"akka.tcp://{Cluster}@{seed}").ToString();
}
