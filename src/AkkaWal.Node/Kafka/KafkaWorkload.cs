using Akka.Actor;
using AkkaWal.Node.Kafka.Keys;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.Node.Kafka;

/// <summary>The files and actors of a node's kafka workload.</summary>
/// <remarks>
/// <code>
/// NODE/kafka/LOCK          locked by the process that serves the keys
/// NODE/kafka/keys/k-...    a key's log: see KafkaFolder
/// NODE/kafka/committed     the log of the committed offsets
/// </code>
/// </remarks>
internal sealed class KafkaWorkload(
    ActorSystem system, WalSettings wal, KafkaSettings settings, IWalFileSystem files, string root)
{
    /// <summary>The name of its folder in the folder of the node's own log.</summary>
    public const string Name = "kafka";

    private const string LockName = "LOCK";
    private const string ReadDispatcher = "akka-wal.read-dispatcher";

    // Snapshots and commits of many keys are single records of this log, so its limit does not follow that of messages.
    private const int LeastCommittedPayloadBytes = 16 << 20;

    // The memory for indexes is divided among the logs. No log gets less than this.
    private const int LeastIndexBytes = 16 << 10;

    private readonly ISegmentArchive? _archive = wal.Options.Archive
        ?? (wal.ArchiveDirectory.Length > 0 ? new DirectoryArchive(files, wal.ArchiveDirectory) : null);

    /// <summary>The props of the actor that serves the workload.</summary>
    public Props Broker => Local<KafkaBroker>(settings, new KafkaPorts(Own, OpenKey, OpenCommitted, ReadClosed));

    private IDisposable Own()
    {
        files.CreateDirectory(root);
        return files.Lock(Path.Combine(root, LockName));
    }

    private Props OpenKey(string folder) => LogManager.Props(system, wal with
    {
        Directory = Path.Combine(root, folder),
        MaxOpenSegments = OpenLogLimit.SegmentsPerLog,
        MaxIndexBytes = Math.Max(LeastIndexBytes, wal.MaxIndexBytes / settings.MaxOpenLogs),
    });

    private Props OpenCommitted() => Local<CommittedLog>(
        (Func<Props>)(() => LogManager.Props(system, wal with
        {
            Directory = Path.Combine(root, "committed"),
            MaxOpenSegments = OpenLogLimit.SegmentsPerLog,
            MaxIndexBytes = LeastIndexBytes,
            MaxPendingBytes = Math.Max(wal.MaxPendingBytes, 2 * LeastCommittedPayloadBytes),
            Retention = new(),
            Options = wal.Options with
            {
                MaxPayloadBytes = Math.Max(wal.Options.MaxPayloadBytes, LeastCommittedPayloadBytes),
            },
        })),
        settings);

    // Always local, whatever a deployment says: these actors share files and memory with the node.
    private static Props Local<TActor>(params object?[] arguments) where TActor : ActorBase =>
        Props.Create<TActor>(arguments).WithDeploy(Deploy.Local);

    private Props ReadClosed()
    {
        var props = Local<ClosedLogReader>(files, root, _archive);
        return system.Dispatchers.HasDispatcher(ReadDispatcher) ? props.WithDispatcher(ReadDispatcher) : props;
    }
}
