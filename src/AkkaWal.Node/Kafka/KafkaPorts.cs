using Akka.Actor;
using AkkaWal.Node.Kafka.Keys;

namespace AkkaWal.Node.Kafka;

/// <summary>How the <see cref="KafkaBroker"/> opens logs and readers. Folders are relative to its own.</summary>
/// <param name="Own">
/// Locks the broker's folder until the result is disposed. Throws the same exceptions as the opening of a log.
/// </param>
/// <param name="OpenKey">Gives the props of the log in a folder, for writing.</param>
/// <param name="OpenCommitted">Gives the props of the log of the committed offsets.</param>
/// <param name="ReadClosed">Gives the props of a <see cref="ClosedLogReader"/>.</param>
internal sealed record KafkaPorts(Func<IDisposable> Own, Func<string, Props> OpenKey, Func<Props> OpenCommitted,
    Func<Props> ReadClosed);
