using System.Globalization;
using Akka.Cluster.Sharding;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Naming;

/// <summary>
/// Computes in which shard a log is. Messages come in Akka's <c>ShardingEnvelope</c>, which has the log's name.
/// Sharding unwraps it by itself. The number of shards and this function must not change while there are logs.
/// </summary>
internal sealed class LogExtractor(int shards) : IMessageExtractor
{
    /// <summary>
    /// The entity for requests without an envelope. No log can have this name, so it refuses them. Sharding would drop
    /// them without a reply.
    /// </summary>
    internal const string Misfit = "/";

    public string? EntityId(object message) => message is LogRequest or ShardedRequest ? Misfit : null;

    public object? EntityMessage(object message) => message;

    public string? ShardId(object message) => EntityId(message) is { } log ? ShardId(log, message) : null;

    public string ShardId(string entityId, object? messageHint = null) =>
        ShardOf(entityId).ToString(CultureInfo.InvariantCulture);

    /// <summary>The shard of a log, from 0 on.</summary>
    internal int ShardOf(string log)
    {
        // FNV-1a. It gives the same value on each node and in each version.
        var hash = 14695981039346656037UL;
        foreach (var letter in log)
        {
            hash = (hash ^ (byte)letter) * 1099511628211UL;
            hash = (hash ^ (byte)(letter >> 8)) * 1099511628211UL;
        }
        // The high bits are mixed in, since the low bits depend only on the low bits of the letters.
        return (int)((hash ^ (hash >> 32)) % (ulong)shards);
    }
}
