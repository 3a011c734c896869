using AkkaWal.Node.Kafka;
using AkkaWal.Node.Translation;

namespace AkkaWal.Node.Bridge;

/// <summary>The part of the configuration that is about standard input and output: <c>akka-wal.node</c> in node.conf.</summary>
internal sealed record NodeSettings
{
    /// <summary>The longest line that is taken.</summary>
    public int MaxLineBytes { get; init; } = 16 << 20;

    /// <summary>How many requests may be under way.</summary>
    public int WindowRequests { get; init; } = 4096;

    /// <summary>How many bytes of input the requests under way may span.</summary>
    public long WindowBytes { get; init; } = 8 << 20;

    /// <summary>How many replies with a record's payload may be under way.</summary>
    public int WindowReads { get; init; } = 64;

    /// <summary>How many bytes of records the replies under way may hold; one record always may, whatever its size.</summary>
    public long WindowReadBytes { get; init; } = 32 << 20;

    /// <summary>What a read may return without having been given more: as many as may be under way fit together.</summary>
    public int ReadShareBytes => (int)Math.Clamp(WindowReadBytes / WindowReads, 1, int.MaxValue);

    /// <summary>How many bytes of replies may wait for standard output.</summary>
    public int OutputBytes { get; init; } = 1 << 20;

    /// <summary>How long a request may take once it is begun.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long compressing or archiving a segment may take once it is begun.</summary>
    public TimeSpan MaintenanceTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long the last sync may take, when the input has ended.</summary>
    public TimeSpan FinalSyncTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a signal may take to end the process in good order.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What bounds the kafka workload.</summary>
    public KafkaSettings Kafka { get; init; } = new();

    /// <summary>What one request may ask for.</summary>
    public TranslationLimits Limits { get; init; } = new();
}
