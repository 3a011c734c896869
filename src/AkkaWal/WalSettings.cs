using Akka.Configuration;
using AkkaWal.Storage;

namespace AkkaWal;

/// <summary>What a <see cref="LogManager"/> is made from; hocon/reference.conf tells what each value means, its unit and default.</summary>
public sealed record WalSettings
{
    /// <summary>What a waiting append counts as pending besides its frames: about what its message, envelope and reply take in memory.</summary>
    public const int PendingBytesPerRequest = 128;

    private readonly string _archiveDirectory = "";

    /// <summary>The log's own directory, an absolute path.</summary>
    public required string Directory { get; init; }

    /// <summary>How the log is kept on disk.</summary>
    public WalOptions Options { get; init; } = new();

    /// <summary>How often the interval policy syncs.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often a watermark that moved is synced.</summary>
    public TimeSpan WatermarkInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of appends that may be unanswered before new ones are refused.</summary>
    public long MaxPendingBytes { get; init; } = 64 << 20;

    /// <summary>Sealed segments whose actors, and so up to two files each, may be open at a time.</summary>
    public int MaxOpenSegments { get; init; } = 128;

    /// <summary>
    /// Bytes that the indexes of open sealed segments may take in memory. What finds no room is read from its file when it is needed, which is a
    /// second read of a file a record.
    /// </summary>
    public long MaxIndexBytes { get; init; } = 16 << 20;

    /// <summary>After how long without a read a sealed segment's actor is let go.</summary>
    public TimeSpan SegmentIdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many crashes in a row the active segment's actor recovers from before it refuses appends for good.</summary>
    public int MaxRestarts { get; init; } = 10;

    /// <summary>Where sealed segments can be archived: an absolute path, or "" for nowhere. An archive of another kind is set in the options.</summary>
    /// <exception cref="ArgumentException">It is no absolute path.</exception>
    public string ArchiveDirectory
    {
        get => _archiveDirectory;
        init => _archiveDirectory = value.Length == 0 || Path.IsPathFullyQualified(value)
            ? value
            : throw new ArgumentException($"akka-wal.archive.directory must be an absolute path or \"\", not '{value}'");
    }

    /// <summary>What becomes of old segments by themselves; nothing by default.</summary>
    public RetentionPolicy Retention { get; init; } = new();

    /// <summary>How often retention is looked at, besides each roll; and how long after an opening nothing is judged by its age.</summary>
    public TimeSpan RetentionCheckInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The defaults, as an embedded text.</summary>
    public static Config ReferenceConfig { get; } = ConfigurationFactory.FromResource<LogManager>("AkkaWal.reference.conf");

    /// <summary>Reads the section <c>akka-wal</c> of a configuration that need not name every key.</summary>
    /// <exception cref="ArgumentException">A value is not legal; the message names its key.</exception>
    public static WalSettings FromConfig(Config config)
    {
        var wal = config.WithFallback(ReferenceConfig).GetConfig("akka-wal");
        return new WalSettings
        {
            Directory = wal.GetString("directory"),
            Options = new WalOptions
            {
                Flush = ParseFlush(wal.GetString("flush")),
                MaxSegmentBytes = Checked(wal, "max-segment-bytes", 1, WalOptions.LargestSegmentBytes),
                MaxCommitBytes = (int)Checked(wal, "max-commit-bytes", 4096, 1 << 30),
                MaxPayloadBytes = (int)Checked(wal, "max-payload-bytes", 1, (1 << 30) - 1),
                Codec = ParseCodec(wal.GetString("compression.codec")),
                MaxBlockCacheBytes = Checked(wal, "compression.max-cache-bytes", 0, long.MaxValue),
            },
            FlushInterval = Positive(wal, "flush-interval"),
            WatermarkInterval = Positive(wal, "watermark-interval"),
            MaxPendingBytes = Checked(wal, "max-pending-bytes", 1, long.MaxValue),
            MaxOpenSegments = (int)Checked(wal, "max-open-segments", 1, 1 << 20),
            MaxIndexBytes = Checked(wal, "max-index-bytes", 0, long.MaxValue),
            SegmentIdleTimeout = Positive(wal, "segment-idle-timeout"),
            ArchiveDirectory = wal.GetString("archive.directory"),
            Retention = RetentionFrom(wal),
            RetentionCheckInterval = Positive(wal, "retention.check-interval"),
            MaxRestarts = wal.GetInt("max-restarts") is >= 0 and var restarts ? restarts : throw new ArgumentException("akka-wal.max-restarts must be 0 or more"),
        };
    }

    /// <summary>The policy that a name in HOCON or on a command line stands for.</summary>
    /// <exception cref="ArgumentException">It stands for none.</exception>
    public static FlushPolicy ParseFlush(string name) => name switch
    {
        "always" => FlushPolicy.Always,
        "interval" => FlushPolicy.Interval,
        "os-cache" => FlushPolicy.OsCache,
        _ => throw new ArgumentException($"akka-wal.flush must be always, interval or os-cache, not '{name}'"),
    };

    private static CompressionCodec ParseCodec(string name) => name switch
    {
        "zstd" => CompressionCodec.Zstd,
        "lz4" => CompressionCodec.Lz4,
        "brotli" => CompressionCodec.Brotli,
        _ => throw new ArgumentException($"akka-wal.compression.codec must be zstd, lz4 or brotli, not '{name}'"),
    };

    private static RetentionPolicy RetentionFrom(Config wal)
    {
        bool IsOn(string key) => wal.GetString($"retention.{key}") != "off";
        var policy = new RetentionPolicy
        {
            Action = wal.GetString("retention.action") switch
            {
                "delete" => RetentionAction.Delete,
                "archive" => RetentionAction.Archive,
                var name => throw new ArgumentException($"akka-wal.retention.action must be delete or archive, not '{name}'"),
            },
            MaxBytes = IsOn("max-bytes") ? Checked(wal, "retention.max-bytes", 1, long.MaxValue) : null,
            MaxAge = IsOn("max-age") ? Positive(wal, "retention.max-age") : null,
            MaxSegments = IsOn("max-segments") ? Counted(wal, "retention.max-segments", 1 << 30) : null,
            CompressAfterRolls = IsOn("compress-after-rolls") ? Counted(wal, "retention.compress-after-rolls", 1 << 30) : null,
            MaxSegmentsPerCheck = Counted(wal, "retention.max-segments-per-check", 1024),
        };
        return policy.Action == RetentionAction.Archive && wal.GetString("archive.directory").Length == 0
            ? throw new ArgumentException("akka-wal.retention.action is archive, and akka-wal.archive.directory says no place")
            : policy;
    }

    private static int Counted(Config wal, string key, int most)
    {
        var value = wal.GetInt(key);
        return value >= 1 && value <= most ? value : throw new ArgumentException($"akka-wal.{key} must be from 1 to {most}, not {value}");
    }

    private static long Checked(Config wal, string key, long least, long most)
    {
        var value = wal.GetByteSize(key) ?? throw new ArgumentException($"akka-wal.{key} must be a size, such as 64 MiB");
        return value >= least && value <= most ? value : throw new ArgumentException($"akka-wal.{key} must be from {least} to {most}, not {value}");
    }

    private static TimeSpan Positive(Config wal, string key)
    {
        var value = wal.GetTimeSpan(key);
        return value > TimeSpan.Zero ? value : throw new ArgumentException($"akka-wal.{key} must be longer than zero");
    }
}
