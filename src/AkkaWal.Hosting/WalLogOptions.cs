using Akka.Configuration;
using AkkaWal.Configuration;
using AkkaWal.Storage;

namespace AkkaWal.Hosting;

/// <summary>
/// The options of one log, set in code or by a section of <c>IConfiguration</c>. If a property is null, the log's
/// section in HOCON decides, and then the section <c>akka-wal</c>. Each property has the name of its key in
/// hocon/reference.conf, which describes the values.
/// </summary>
/// <remarks>
/// Each value is checked when it is set. The <see cref="WalConfigException"/> names the key and the legal values.
/// </remarks>
public sealed class WalLogOptions
{
    private readonly OptionValues _values = new();

    /// <summary>Sets no option.</summary>
    public WalLogOptions()
    {
        Compression = new WalCompressionOptions(_values);
        Archive = new WalArchiveOptions(_values);
        Retention = new WalRetentionOptions(_values);
    }

    /// <summary>The log's directory; an absolute path.</summary>
    public string? Directory { get; set => field = _values.SetText("directory", value); }

    /// <summary>The name of this process, if several machines share the log's storage; "" for one machine.</summary>
    public string? Owner { get; set => field = _values.SetText("owner", value); }

    /// <summary>Which failures an acknowledged append survives.</summary>
    public FlushPolicy? Flush { get; set => field = _values.SetChoice("flush", value, WalSettings.FlushPolicies); }

    /// <summary>How often the policy <see cref="FlushPolicy.Interval"/> syncs.</summary>
    public TimeSpan? FlushInterval { get; set => field = _values.SetDuration("flush-interval", value); }

    /// <summary>How often the watermark is synced to the index, if it has moved.</summary>
    public TimeSpan? WatermarkInterval { get; set => field = _values.SetDuration("watermark-interval", value); }

    /// <summary>The size in bytes beyond which a segment is sealed.</summary>
    public long? MaxSegmentBytes { get; set => field = _values.SetNumber("max-segment-bytes", value); }

    /// <summary>The largest commit, and so the largest batch, in bytes.</summary>
    public int? MaxCommitBytes { get; set => field = _values.SetNumber("max-commit-bytes", value); }

    /// <summary>The largest payload in bytes.</summary>
    public int? MaxPayloadBytes { get; set => field = _values.SetNumber("max-payload-bytes", value); }

    /// <summary>How many bytes of appends may wait for their commit.</summary>
    public long? MaxPendingBytes { get; set => field = _values.SetNumber("max-pending-bytes", value); }

    /// <summary>How many sealed segments may be open for reading.</summary>
    public int? MaxOpenSegments { get; set => field = _values.SetNumber("max-open-segments", value); }

    /// <summary>How many bytes the indexes of open sealed segments may take in memory.</summary>
    public long? MaxIndexBytes { get; set => field = _values.SetNumber("max-index-bytes", value); }

    /// <summary>How long a sealed segment stays open without a read.</summary>
    public TimeSpan? SegmentIdleTimeout { get; set => field = _values.SetDuration("segment-idle-timeout", value); }

    /// <summary>How many crashes in a row the active segment's actor recovers from.</summary>
    public int? MaxRestarts { get; set => field = _values.SetNumber("max-restarts", value); }

    /// <summary>How sealed segments are compressed.</summary>
    public WalCompressionOptions Compression { get; }

    /// <summary>Where sealed segments are archived.</summary>
    public WalArchiveOptions Archive { get; }

    /// <summary>Which sealed segments are deleted, archived or compressed without a request.</summary>
    public WalRetentionOptions Retention { get; }

    /// <summary>The options that are set, as the HOCON section <c>akka-wal.logs.NAME</c>.</summary>
    /// <exception cref="WalConfigException">The name is not legal for a log.</exception>
    public Config ToConfig(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _values.ToConfig(LogSections.KeyOf(name));
    }
}

/// <summary>The keys of <c>compression</c>.</summary>
public sealed class WalCompressionOptions
{
    private readonly OptionValues _values;

    internal WalCompressionOptions(OptionValues values) => _values = values;

    /// <summary>The codec for segments that are compressed from now on.</summary>
    public CompressionCodec? Codec
    {
        get;
        set => field = _values.SetChoice("compression.codec", value, WalSettings.Codecs);
    }

    /// <summary>How many bytes decompressed blocks may take in memory; 0 keeps none.</summary>
    public long? MaxCacheBytes { get; set => field = _values.SetNumber("compression.max-cache-bytes", value); }
}

/// <summary>The keys of <c>archive</c>.</summary>
public sealed class WalArchiveOptions
{
    private readonly OptionValues _values;

    internal WalArchiveOptions(OptionValues values) => _values = values;

    /// <summary>The archive's directory, an absolute path; "" for none.</summary>
    public string? Directory { get; set => field = _values.SetText("archive.directory", value); }
}

/// <summary>The keys of <c>retention</c>. A limit of zero turns it off, also where <c>akka-wal</c> sets one.</summary>
public sealed class WalRetentionOptions
{
    private readonly OptionValues _values;

    internal WalRetentionOptions(OptionValues values) => _values = values;

    /// <summary>How many bytes the sealed segments may take; 0 is off.</summary>
    public long? MaxBytes { get; set => field = _values.SetNumberOrOff("retention.max-bytes", value); }

    /// <summary>How old a segment may get, counted from its sealing; zero is off.</summary>
    public TimeSpan? MaxAge { get; set => field = _values.SetDurationOrOff("retention.max-age", value); }

    /// <summary>How many sealed segments there may be; 0 is off.</summary>
    public int? MaxSegments { get; set => field = _values.SetNumberOrOff("retention.max-segments", value); }

    /// <summary>What happens to a segment that exceeds a limit.</summary>
    public RetentionAction? Action
    {
        get;
        set => field = _values.SetChoice("retention.action", value, WalSettings.RetentionActions);
    }

    /// <summary>A segment is compressed after this many later rolls; 0 is off.</summary>
    public int? CompressAfterRolls
    {
        get;
        set => field = _values.SetNumberOrOff("retention.compress-after-rolls", value);
    }

    /// <summary>How often retention is checked.</summary>
    public TimeSpan? CheckInterval { get; set => field = _values.SetDuration("retention.check-interval", value); }

    /// <summary>How many segments one check may change.</summary>
    public int? MaxSegmentsPerCheck
    {
        get;
        set => field = _values.SetNumber("retention.max-segments-per-check", value);
    }
}
