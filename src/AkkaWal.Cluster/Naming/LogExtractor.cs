using System.Globalization;
using Akka.Cluster.Sharding;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Naming;

/// <summary>
/// Which shard a log is in. Messages come in Akka's own <c>ShardingEnvelope</c>, which has the log's name and which
/// sharding opens by itself. The number of shards and this function never change while there are logs.
/// </summary>
internal sealed class LogExtractor(int shards) : IMessageExtractor
{
    /// <summary>
    /// The entity that refuses requests without an envelope: sharding itself would drop them without an answer. No log
    /// has this name.
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
        // FNV-1a: the same on each node, and in each version.
        var hash = 14695981039346656037UL;
        foreach (var letter in log)
        {
            hash = (hash ^ (byte)letter) * 1099511628211UL;
            hash = (hash ^ (byte)(letter >> 8)) * 1099511628211UL;
        }
        // Its low bits depend on the low bits of the letters alone.
        return (int)((hash ^ (hash >> 32)) % (ulong)shards);
    }
}
