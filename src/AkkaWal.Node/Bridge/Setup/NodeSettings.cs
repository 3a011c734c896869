using AkkaWal.Node.Kafka;
using AkkaWal.Node.Translation;

namespace AkkaWal.Node.Bridge.Setup;

/// <summary>The settings of standard input and output: section <c>akka-wal.node</c> of node.conf.</summary>
internal sealed record NodeSettings
{
    /// <summary>The longest line that is accepted, in bytes.</summary>
    public int MaxLineBytes { get; init; } = 16 << 20;

    /// <summary>How many requests may be under way at a time.</summary>
    public int WindowRequests { get; init; } = 4096;

    /// <summary>How many bytes of input the requests under way may span.</summary>
    public long WindowBytes { get; init; } = 8 << 20;

    /// <summary>How many requests whose replies carry payloads may be under way.</summary>
    public int WindowReads { get; init; } = 512;

    /// <summary>
    /// How many bytes of records the replies under way may hold. A single record may always be held, whatever its size.
    /// </summary>
    public long WindowReadBytes { get; init; } = 32 << 20;

    /// <summary>
    /// The largest record that a read returns at once. All reads that may be under way then fit into the window.
    /// </summary>
    public int ReadShareBytes => (int)Math.Clamp(WindowReadBytes / WindowReads, 1, int.MaxValue);

    /// <summary>How many bytes of replies may wait for standard output.</summary>
    public int OutputBytes { get; init; } = 1 << 20;

    /// <summary>How long a request may take, counted from when it was read.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long compressing or archiving a segment may take, counted from when the request was read.</summary>
    public TimeSpan MaintenanceTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long the last sync may take, when the input has ended.</summary>
    public TimeSpan FinalSyncTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a clean shutdown may take after a signal.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The limits of the kafka workload.</summary>
    public KafkaSettings Kafka { get; init; } = new();

    /// <summary>The limits of a single request.</summary>
    public TranslationLimits Limits { get; init; } = new();
}
