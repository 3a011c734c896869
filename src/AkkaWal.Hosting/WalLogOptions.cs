using Akka.Configuration;
using AkkaWal.Configuration;
using AkkaWal.Storage;

namespace AkkaWal.Hosting;

/// <summary>
/// What is set of one log in code or in a section of <c>IConfiguration</c>. A property that is null says nothing: then
/// the log's section in HOCON holds, and then <c>akka-wal</c>. hocon/reference.conf tells what each value means; a
/// property bears its key's name.
/// </summary>
/// <remarks>Every value is checked where it is set: a <see cref="WalConfigException"/> names the key and what is
/// allowed.</remarks>
public sealed class WalLogOptions
{
    private readonly SaidValues _said = new();

    /// <summary>Says nothing.</summary>
    public WalLogOptions()
    {
        Compression = new WalCompressionOptions(_said);
        Archive = new WalArchiveOptions(_said);
        Retention = new WalRetentionOptions(_said);
    }

    /// <summary>The log's own directory, an absolute path.</summary>
    public string? Directory { get; set => field = _said.Path("directory", value); }

    /// <summary>What an acknowledged append has survived.</summary>
    public FlushPolicy? Flush { get; set => field = _said.Choice("flush", value, WalSettings.FlushPolicies); }

    /// <summary>How often the policy <see cref="FlushPolicy.Interval"/> syncs.</summary>
    public TimeSpan? FlushInterval { get; set => field = _said.Duration("flush-interval", value); }

    /// <summary>How often a durable watermark that moved is synced.</summary>
    public TimeSpan? WatermarkInterval { get; set => field = _said.Duration("watermark-interval", value); }

    /// <summary>The size in bytes beyond which a segment is sealed.</summary>
    public long? MaxSegmentBytes { get; set => field = _said.Number("max-segment-bytes", value); }

    /// <summary>The largest commit, and so the largest batch, in bytes.</summary>
    public int? MaxCommitBytes { get; set => field = _said.Number("max-commit-bytes", value); }

    /// <summary>The largest payload in bytes.</summary>
    public int? MaxPayloadBytes { get; set => field = _said.Number("max-payload-bytes", value); }

    /// <summary>Bytes of appends that may wait for their commit.</summary>
    public long? MaxPendingBytes { get; set => field = _said.Number("max-pending-bytes", value); }

    /// <summary>How many sealed segments may be open for reading.</summary>
    public int? MaxOpenSegments { get; set => field = _said.Number("max-open-segments", value); }

    /// <summary>What the indexes of open sealed segments may take in memory, in bytes.</summary>
    public long? MaxIndexBytes { get; set => field = _said.Number("max-index-bytes", value); }

    /// <summary>How long an open sealed segment may go without a read.</summary>
    public TimeSpan? SegmentIdleTimeout { get; set => field = _said.Duration("segment-idle-timeout", value); }

    /// <summary>How many crashes in a row the active segment's actor recovers from.</summary>
    public int? MaxRestarts { get; set => field = _said.Number("max-restarts", value); }

    /// <summary>How sealed segments are compressed.</summary>
    public WalCompressionOptions Compression { get; }

    /// <summary>Where sealed segments are archived.</summary>
    public WalArchiveOptions Archive { get; }

    /// <summary>What becomes of sealed segments by themselves.</summary>
    public WalRetentionOptions Retention { get; }

    /// <summary>What is set, as the section <c>akka-wal.logs.NAME</c>.</summary>
    /// <exception cref="WalConfigException">Nothing can have that name.</exception>
    public Config ToConfig(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _said.In(LogSections.KeyOf(name));
    }
}

/// <summary>The keys of <c>compression</c>.</summary>
public sealed class WalCompressionOptions
{
    private readonly SaidValues _said;

    internal WalCompressionOptions(SaidValues said) => _said = said;

    /// <summary>The codec for segments that are compressed from now on.</summary>
    public CompressionCodec? Codec
    {
        get;
        set => field = _said.Choice("compression.codec", value, WalSettings.Codecs);
    }

    /// <summary>What decompressed blocks may take in memory, in bytes; 0 keeps none.</summary>
    public long? MaxCacheBytes { get; set => field = _said.Number("compression.max-cache-bytes", value); }
}

/// <summary>The keys of <c>archive</c>.</summary>
public sealed class WalArchiveOptions
{
    private readonly SaidValues _said;

    internal WalArchiveOptions(SaidValues said) => _said = said;

    /// <summary>Where sealed segments are moved to, an absolute path; "" for nowhere.</summary>
    public string? Directory { get; set => field = _said.Path("archive.directory", value); }
}

/// <summary>The keys of <c>retention</c>. A limit of zero is off, whatever <c>akka-wal</c> says.</summary>
public sealed class WalRetentionOptions
{
    private readonly SaidValues _said;

    internal WalRetentionOptions(SaidValues said) => _said = said;

    /// <summary>How many bytes the sealed segments may take; 0 is off.</summary>
    public long? MaxBytes { get; set => field = _said.NumberOrOff("retention.max-bytes", value); }

    /// <summary>How old a segment may get, counted from its sealing; zero is off.</summary>
    public TimeSpan? MaxAge { get; set => field = _said.DurationOrOff("retention.max-age", value); }

    /// <summary>How many sealed segments there may be; 0 is off.</summary>
    public int? MaxSegments { get; set => field = _said.NumberOrOff("retention.max-segments", value); }

    /// <summary>What happens to a segment that exceeds a limit.</summary>
    public RetentionAction? Action
    {
        get;
        set => field = _said.Choice("retention.action", value, WalSettings.RetentionActions);
    }

    /// <summary>After how many later rolls a segment is compressed; 0 is off.</summary>
    public int? CompressAfterRolls
    {
        get;
        set => field = _said.NumberOrOff("retention.compress-after-rolls", value);
    }

    /// <summary>How often to check.</summary>
    public TimeSpan? CheckInterval { get; set => field = _said.Duration("retention.check-interval", value); }

    /// <summary>How many segments one check may touch.</summary>
    public int? MaxSegmentsPerCheck
    {
        get;
        set => field = _said.Number("retention.max-segments-per-check", value);
    }
}
