using Akka.Configuration;
using AkkaWal.Configuration;
using AkkaWal.Configuration.Hocon;
using AkkaWal.Storage;

namespace AkkaWal;

/// <summary>
/// The settings of a <see cref="LogManager"/>. hocon/reference.conf describes each value with its unit and default.
/// </summary>
public sealed record WalSettings
{
    /// <summary>
    /// The bytes that a waiting append counts as pending in addition to its frames: about the memory of its message,
    /// envelope and reply.
    /// </summary>
    public const int PendingBytesPerRequest = 128;

    private const string SectionName = "akka-wal";

    private const int MostOpenSegments = 1 << 20;

    internal static readonly (string Word, FlushPolicy Meaning)[] FlushPolicies =
        [("always", FlushPolicy.Always), ("interval", FlushPolicy.Interval), ("os-cache", FlushPolicy.OsCache)];

    internal static readonly (string Word, CompressionCodec Meaning)[] Codecs =
        [("zstd", CompressionCodec.Zstd), ("lz4", CompressionCodec.Lz4), ("brotli", CompressionCodec.Brotli)];

    internal static readonly (string Word, RetentionAction Meaning)[] RetentionActions =
        [("delete", RetentionAction.Delete), ("archive", RetentionAction.Archive)];

    /// <summary>The log's own directory, an absolute path; "" if the code that starts the log sets it.</summary>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public required string Directory { get; init => field = Setting.PathOrEmpty(value); }

    /// <summary>The options of the log on disk.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public WalOptions Options { get; init => field = Setting.Present(value); } = new();

    /// <summary>How often the `interval` policy syncs; longer than zero, and 24 days at most.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public TimeSpan FlushInterval { get; init => field = Setting.Positive(value, ConfigSection.LongestWait); }
        = TimeSpan.FromMilliseconds(200);

    /// <summary>How often a watermark that moved is synced; longer than zero, and 24 days at most.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public TimeSpan WatermarkInterval { get; init => field = Setting.Positive(value, ConfigSection.LongestWait); }
        = TimeSpan.FromSeconds(1);

    /// <summary>The most bytes of unanswered appends; beyond that, appends are refused. 1 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less.</exception>
    public long MaxPendingBytes { get; init => field = Setting.AtLeast(value, 1); } = 64 << 20;

    /// <summary>The most sealed segments that are open at a time, with up to two files each; 1 to 1048576.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public int MaxOpenSegments { get; init => field = Setting.Within(value, 1, MostOpenSegments); } = 128;

    /// <summary>
    /// The memory limit of the indexes of open sealed segments, in bytes. Index entries without room are read from the
    /// index file when needed: a second file read for each record. 0 or more.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public long MaxIndexBytes { get; init => field = Setting.AtLeast(value, 0); } = 16 << 20;

    /// <summary>How long a sealed segment stays open without a read; longer than zero, and 24 days at most.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public TimeSpan SegmentIdleTimeout { get; init => field = Setting.Positive(value, ConfigSection.LongestWait); }
        = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How many consecutive crashes the active segment's actor recovers from. After that it refuses appends for good. 0
    /// or more.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaxRestarts { get; init => field = Setting.AtLeast(value, 0); } = 10;

    /// <summary>
    /// The directory of the archive for sealed segments: an absolute path, or "" for no archive. An archive of another
    /// kind is set in the options.
    /// </summary>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public string ArchiveDirectory { get; init => field = Setting.PathOrEmpty(value); } = "";

    /// <summary>The retention policy; by default nothing is deleted, archived or compressed.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public RetentionPolicy Retention { get; init => field = Setting.Present(value); } = new();

    /// <summary>
    /// How often the retention policy is checked, in addition to each roll. For this long after an opening, no segment
    /// is deleted or archived because of its age. Longer than zero, and 24 days at most.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public TimeSpan RetentionCheckInterval { get; init => field = Setting.Positive(value, ConfigSection.LongestWait); }
        = TimeSpan.FromSeconds(60);

    /// <summary>The default configuration, embedded in the assembly.</summary>
    public static Config ReferenceConfig { get; } =
        ConfigurationFactory.FromResource<WalSettings>("AkkaWal.reference.conf");

    /// <summary>Reads the section <c>akka-wal</c> of a configuration, which need not have every key.</summary>
    /// <exception cref="WalConfigException">
    /// A key is unknown or a value is not legal. The message begins with the key.
    /// </exception>
    public static WalSettings FromConfig(Config config)
    {
        Check(config);
        return Complete(new ConfigSection(config.WithFallback(ReferenceConfig), SectionName));
    }

    /// <summary>
    /// Reads the section of a named log, <c>akka-wal.logs.NAME</c>, which may be absent. Missing values are those of
    /// <c>akka-wal</c>, except the directory, which is "".
    /// </summary>
    /// <exception cref="WalConfigException">
    /// A key is unknown or a value is not legal; the message begins with the key. Or the name is not legal for a log.
    /// </exception>
    public static WalSettings FromConfig(Config config, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Check(config);
        return Complete(new ConfigSection(config.WithFallback(ReferenceConfig), LogSections.KeyOf(name), SectionName));
    }

    /// <summary>Refuses a value of <c>akka-wal</c> that is not legal by itself.</summary>
    /// <exception cref="WalConfigException">The message begins with the whole key.</exception>
    internal static void CheckValue(string key, string text)
    {
        var config = ConfigurationFactory.ParseString($"{SectionName}.{key} = {HoconPath.Quote(text)}");
        Check(config);
        Read(new ConfigSection(config.WithFallback(ReferenceConfig), SectionName));
    }

    private static void Check(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        ConfigKeys.Check(config, ReferenceConfig, SectionName);
        LogSections.Check(config, ReferenceConfig);
    }

    private static WalSettings Complete(ConfigSection wal)
    {
        const string Action = "retention.action", Archive = "archive.directory";
        var settings = Read(wal);
        return settings.Retention.Action == RetentionAction.Archive && settings.ArchiveDirectory.Length == 0
            ? throw new WalConfigException(
                wal.WholeKey(Action), $"is archive, and {wal.WholeKey(Archive)} says no place")
            : settings;
    }

    private static WalSettings Read(ConfigSection wal) => new()
    {
        Directory = wal.Has("directory") ? wal.Directory("directory") : "",
        Options = new WalOptions
        {
            Owner = wal.Name("owner", WalOptions.LargestOwnerBytes),
            Flush = wal.Choice("flush", FlushPolicies),
            MaxSegmentBytes = wal.Size("max-segment-bytes", 1, WalOptions.LargestSegmentBytes),
            MaxCommitBytes = (int)wal.Size("max-commit-bytes", 4096, 1 << 30),
            MaxPayloadBytes = (int)wal.Size("max-payload-bytes", 1, (1 << 30) - 1),
            Codec = wal.Choice("compression.codec", Codecs),
            MaxBlockCacheBytes = wal.Size("compression.max-cache-bytes", 0, long.MaxValue),
        },
        FlushInterval = wal.Wait("flush-interval"),
        WatermarkInterval = wal.Wait("watermark-interval"),
        MaxPendingBytes = wal.Size("max-pending-bytes", 1, long.MaxValue),
        MaxOpenSegments = wal.Count("max-open-segments", 1, MostOpenSegments),
        MaxIndexBytes = wal.Size("max-index-bytes", 0, long.MaxValue),
        SegmentIdleTimeout = wal.Wait("segment-idle-timeout"),
        ArchiveDirectory = wal.Directory("archive.directory"),
        Retention = new RetentionPolicy
        {
            Action = wal.Choice("retention.action", RetentionActions),
            MaxBytes = wal.SizeOr("off", "retention.max-bytes", 1, long.MaxValue),
            MaxAge = wal.DurationOr("off", "retention.max-age"),
            MaxSegments = wal.CountOr("off", "retention.max-segments", 1, 1 << 30),
            CompressAfterRolls = wal.CountOr("off", "retention.compress-after-rolls", 1, 1 << 30),
            MaxSegmentsPerCheck = wal.Count("retention.max-segments-per-check", 1, 1024),
        },
        RetentionCheckInterval = wal.Wait("retention.check-interval"),
        MaxRestarts = wal.Count("max-restarts", 0, int.MaxValue),
    };

    /// <summary>Checks that the values are complete together, before a log is started with them.</summary>
    /// <exception cref="ArgumentException">The message names the settings.</exception>
    internal WalSettings ThrowIfIncomplete()
    {
        if (Directory.Length == 0)
            throw new ArgumentException(
                $"{nameof(Directory)} must be set: the absolute path of the log's own directory", nameof(Directory));
        var isArchiving = !Retention.IsOff && Retention.Action == RetentionAction.Archive;
        if (isArchiving && ArchiveDirectory.Length == 0 && Options.Archive is null)
            throw new ArgumentException(
                $"{nameof(Retention)} is to archive, and {nameof(ArchiveDirectory)} says no place",
                nameof(ArchiveDirectory));
        return this;
    }
}
