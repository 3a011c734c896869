using Akka.Actor;

namespace AkkaWal.Node.Kafka;

/// <summary>What the <see cref="KafkaBroker"/> is connected to. Folders are relative to its own.</summary>
/// <param name="Own">Makes the broker the only one over its folder, until what it gives is disposed. Throws what a
/// log's opening throws.</param>
/// <param name="OpenKey">How to open the log in a folder, to write to it.</param>
/// <param name="OpenCommitted">How to open the log of the committed offsets.</param>
/// <param name="ReadClosed">How to start a <see cref="ClosedLogReader"/>.</param>
internal sealed record KafkaPorts(Func<IDisposable> Own, Func<string, Props> OpenKey, Func<Props> OpenCommitted,
    Func<Props> ReadClosed);
