using Akka.Configuration;
using AkkaWal.Configuration;
using AkkaWal.Configuration.Hocon;
using AkkaWal.Storage;

namespace AkkaWal;

/// <summary>
/// What a <see cref="LogManager"/> is made from; hocon/reference.conf tells what each value means, its unit and
/// default.
/// </summary>
public sealed record WalSettings
{
    /// <summary>
    /// What a waiting append counts as pending besides its frames: about what its message, envelope and reply take in
    /// memory.
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

    /// <summary>The log's own directory, an absolute path; "" where whoever starts the log is to say it.</summary>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public required string Directory { get; init => field = Setting.PathOrEmpty(value); }

    /// <summary>How the log is kept on disk.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public WalOptions Options { get; init => field = Setting.Present(value); } = new();

    /// <summary>How often the interval policy syncs; longer than zero, and 24 days at most.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public TimeSpan FlushInterval { get; init => field = Setting.Positive(value, ConfigSection.LongestWait); }
        = TimeSpan.FromMilliseconds(200);

    /// <summary>How often a watermark that moved is synced; longer than zero, and 24 days at most.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public TimeSpan WatermarkInterval { get; init => field = Setting.Positive(value, ConfigSection.LongestWait); }
        = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of appends that may be unanswered before new ones are refused; 1 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less.</exception>
    public long MaxPendingBytes { get; init => field = Setting.AtLeast(value, 1); } = 64 << 20;

    /// <summary>
    /// Sealed segments whose actors, and so up to two files each, may be open at a time; 1 to 1048576.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public int MaxOpenSegments { get; init => field = Setting.Within(value, 1, MostOpenSegments); } = 128;

    /// <summary>
    /// Bytes that the indexes of open sealed segments may take in memory. What finds no room is read from its file when
    /// it is needed, which is a second read of a file a record. 0 or more.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public long MaxIndexBytes { get; init => field = Setting.AtLeast(value, 0); } = 16 << 20;

    /// <summary>
    /// After how long without a read a sealed segment's actor is let go; longer than zero, and 24 days at most.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public TimeSpan SegmentIdleTimeout { get; init => field = Setting.Positive(value, ConfigSection.LongestWait); }
        = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How many crashes in a row the active segment's actor recovers from before it refuses appends for good; 0 or
    /// more.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaxRestarts { get; init => field = Setting.AtLeast(value, 0); } = 10;

    /// <summary>
    /// Where sealed segments can be archived: an absolute path, or "" for nowhere. An archive of another kind is set in
    /// the options.
    /// </summary>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public string ArchiveDirectory { get; init => field = Setting.PathOrEmpty(value); } = "";

    /// <summary>What becomes of old segments by themselves; nothing by default.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public RetentionPolicy Retention { get; init => field = Setting.Present(value); } = new();

    /// <summary>
    /// How often retention is looked at, besides each roll; and how long after an opening nothing is judged by its age.
    /// Longer than zero, and 24 days at most.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public TimeSpan RetentionCheckInterval { get; init => field = Setting.Positive(value, ConfigSection.LongestWait); }
        = TimeSpan.FromSeconds(60);

    /// <summary>The defaults, as an embedded text.</summary>
    public static Config ReferenceConfig { get; } =
        ConfigurationFactory.FromResource<WalSettings>("AkkaWal.reference.conf");

    /// <summary>Reads the section <c>akka-wal</c> of a configuration that need not name every key.</summary>
    /// <exception cref="WalConfigException">
    /// A key is not known, or a value is not legal; the message begins with the key.
    /// </exception>
    public static WalSettings FromConfig(Config config)
    {
        Check(config);
        return Complete(new ConfigSection(config.WithFallback(ReferenceConfig), SectionName));
    }

    /// <summary>
    /// Reads the section of a named log, <c>akka-wal.logs.NAME</c>, which may be absent. What it does not say is as
    /// <c>akka-wal</c> says; except the directory, which is "" then.
    /// </summary>
    /// <exception cref="WalConfigException">A key is not known, or a value is not legal; the message begins with the
    /// key. Or the name is none for a log.</exception>
    public static WalSettings FromConfig(Config config, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Check(config);
        return Complete(new ConfigSection(config.WithFallback(ReferenceConfig), LogSections.KeyOf(name), SectionName));
    }

    /// <summary>Refuses a value of <c>akka-wal</c> that is not legal, whatever the others are.</summary>
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

    /// <summary>Checks what no value says alone, before a log is started with it.</summary>
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
