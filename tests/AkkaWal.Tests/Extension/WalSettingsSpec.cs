using Akka.Configuration;
using AkkaWal.Storage;

namespace AkkaWal.Tests.Extension;

public sealed class WalSettingsSpec
{
    private static WalSettings Settings(string hocon) =>
        WalSettings.FromConfig(ConfigurationFactory.ParseString($"akka-wal {{\n{hocon}\n}}"));

    private static WalConfigException Problem(string hocon) => Assert.Throws<WalConfigException>(() => Settings(hocon));

    [Fact]
    public void Reference_configuration_should_hold_the_defaults_of_the_code()
    {
        var fromConfig = WalSettings.FromConfig(ConfigurationFactory.Empty);
        Assert.Equal(new WalSettings { Directory = "" }, fromConfig);
        var options = fromConfig.Options;
        Assert.Equal(
            (FlushPolicy.Always, 64L << 20, 16 << 20, 16 << 20),
            (options.Flush, options.MaxSegmentBytes, options.MaxCommitBytes, options.MaxPayloadBytes));
        Assert.Equal((CompressionCodec.Zstd, 4L << 20), (options.Codec, options.MaxBlockCacheBytes));
    }

    [Theory]
    [InlineData("flush = interval", FlushPolicy.Interval)]
    [InlineData("flush = os-cache", FlushPolicy.OsCache)]
    public void Flush_policy_should_be_read_by_its_name(string hocon, FlushPolicy expected) =>
        Assert.Equal(expected, Settings(hocon).Options.Flush);

    [Theory]
    [InlineData("zstd", CompressionCodec.Zstd)]
    [InlineData("lz4", CompressionCodec.Lz4)]
    [InlineData("brotli", CompressionCodec.Brotli)]
    public void Codec_should_be_read_by_its_name(string name, CompressionCodec expected) =>
        Assert.Equal(expected, Settings($"compression.codec = {name}").Options.Codec);

    [Theory]
    [InlineData("5", 5)]
    [InlineData("5 B", 5)]
    [InlineData("5KiB", 5 << 10)]
    [InlineData("5 kB", 5_000)]
    [InlineData("\"1 GiB\"", 1 << 30)]
    public void Size_should_be_read_with_its_unit(string text, long expected) =>
        Assert.Equal(expected, Settings($"max-segment-bytes = {text}").Options.MaxSegmentBytes);

    [Theory]
    [InlineData("250", 250)]
    [InlineData("1.5 s", 1_500)]
    [InlineData("24 days", 24L * 24 * 60 * 60 * 1000)]
    public void Duration_should_be_read_with_its_unit(string text, long milliseconds) =>
        Assert.Equal(milliseconds, Settings($"flush-interval = {text}").FlushInterval.TotalMilliseconds);

    [Theory]
    [InlineData("flush = sometimes", "akka-wal.flush must be always, interval or os-cache, not 'sometimes'")]
    [InlineData("flush = null", "akka-wal.flush must be one value")]
    [InlineData("flush = [always]", "akka-wal.flush must be one value")]
    [InlineData("directory = null", "akka-wal.directory must be one value")]
    [InlineData("directory = rel/ative", "akka-wal.directory must be an absolute path, or \"\", not 'rel/ative'")]
    [InlineData("max-segment-bytes = 0",
        "akka-wal.max-segment-bytes must be a size from 1 to 4294967295 bytes, such as 64 MiB, not '0'")]
    [InlineData("max-segment-bytes = 4294967296", "akka-wal.max-segment-bytes")]
    [InlineData("max-segment-bytes = 12 quux",
        "akka-wal.max-segment-bytes must be a size from 1 to 4294967295 bytes, such as 64 MiB, not '12 quux'")]
    [InlineData("max-segment-bytes = abc", "akka-wal.max-segment-bytes")]
    [InlineData("max-segment-bytes = -1", "akka-wal.max-segment-bytes")]
    [InlineData("max-segment-bytes = 1.5 MiB", "akka-wal.max-segment-bytes")]
    [InlineData("max-segment-bytes = MiB", "akka-wal.max-segment-bytes")]
    [InlineData("max-segment-bytes = \"\"", "akka-wal.max-segment-bytes")]
    [InlineData("max-segment-bytes = 17179869185 GiB", "akka-wal.max-segment-bytes")] // 1 GiB more than 64 bits hold
    [InlineData("max-segment-bytes = 99999999999999999999", "akka-wal.max-segment-bytes")]
    [InlineData("max-commit-bytes = 1", "akka-wal.max-commit-bytes")]
    [InlineData("max-payload-bytes = 0", "akka-wal.max-payload-bytes")]
    [InlineData("max-pending-bytes = 0", "akka-wal.max-pending-bytes")]
    [InlineData("max-open-segments = 0", "akka-wal.max-open-segments must be a number from 1 to 1048576, not '0'")]
    [InlineData("max-open-segments = 1 KiB", "akka-wal.max-open-segments")]
    [InlineData("max-open-segments = 1.0", "akka-wal.max-open-segments")]
    [InlineData("max-index-bytes = -1", "akka-wal.max-index-bytes")]
    [InlineData("compression.codec = gzip", "akka-wal.compression.codec must be zstd, lz4 or brotli, not 'gzip'")]
    [InlineData("compression.codec = \"\"", "akka-wal.compression.codec must be zstd, lz4 or brotli, not ''")]
    [InlineData("compression.max-cache-bytes = -1", "akka-wal.compression.max-cache-bytes")]
    [InlineData("flush-interval = 0 s",
        "akka-wal.flush-interval must be a duration longer than zero, such as 200 ms and 24 days at most, not '0 s'")]
    [InlineData("flush-interval = 5 parsec", "akka-wal.flush-interval")]
    [InlineData("flush-interval = infinite", "akka-wal.flush-interval")]
    [InlineData("flush-interval = NaN", "akka-wal.flush-interval")]
    [InlineData("flush-interval = -5 s", "akka-wal.flush-interval")]
    [InlineData("flush-interval = 25 days", "akka-wal.flush-interval")]
    [InlineData("flush-interval = 99999999999999999999 days", "akka-wal.flush-interval")]
    [InlineData("watermark-interval = 0 s", "akka-wal.watermark-interval")]
    [InlineData("segment-idle-timeout = 0 s", "akka-wal.segment-idle-timeout")]
    [InlineData("max-restarts = -1", "akka-wal.max-restarts must be a number from 0 to 2147483647, not '-1'")]
    [InlineData("max-restarts = ten", "akka-wal.max-restarts")]
    [InlineData("owner = \"a\\tb\"", "akka-wal.owner must be at most 256 bytes in UTF-8 without control characters")]
    [InlineData("archive.directory = rel", "akka-wal.archive.directory must be an absolute path")]
    [InlineData("retention.max-age = soon",
        "akka-wal.retention.max-age must be a duration longer than zero, such as 200 ms, or off, not 'soon'")]
    [InlineData("retention.max-segments = on",
        "akka-wal.retention.max-segments must be a number from 1 to 1073741824, or off, not 'on'")]
    [InlineData("retention.max-bytes = 0",
        "akka-wal.retention.max-bytes must be a size from 1 to 9223372036854775807 bytes, such as 64 MiB, or off")]
    [InlineData("retention.action = archive",
        "akka-wal.retention.action is archive, and akka-wal.archive.directory says no place")]
    public void Illegal_value_should_be_refused_with_its_key_and_what_is_allowed(string hocon, string expected)
    {
        var problem = Problem(hocon);
        Assert.StartsWith(expected, problem.Message, StringComparison.Ordinal);
        Assert.Equal(expected.Split(' ')[0], problem.Key);
    }

    [Theory]
    [InlineData("max-segment-byte = 5",
        "akka-wal.max-segment-byte is not known; did you mean akka-wal.max-segment-bytes?")]
    [InlineData("fulsh = always", "akka-wal.fulsh is not known; did you mean akka-wal.flush?")]
    [InlineData("maxSegmentBytes = 5",
        "akka-wal.maxSegmentBytes is not known; did you mean akka-wal.max-segment-bytes?")]
    [InlineData("max_open_segments = 5",
        "akka-wal.max_open_segments is not known; did you mean akka-wal.max-open-segments?")]
    [InlineData("retenton.max-age = 1 d", "akka-wal.retenton is not known; did you mean akka-wal.retention?")]
    [InlineData("retention.max-agee = 1 d",
        "akka-wal.retention.max-agee is not known; did you mean akka-wal.retention.max-age?")]
    [InlineData("retention { max-segment = 1 }",
        "akka-wal.retention.max-segment is not known; did you mean akka-wal.retention.max-segments?")]
    [InlineData("archive { dir = \"/a\" }", "akka-wal.archive.dir is not known; akka-wal.archive has directory")]
    [InlineData("check-interval = 5 s",
        "akka-wal.check-interval is not known; did you mean akka-wal.retention.check-interval?")]
    [InlineData("commit-dispacher.type = x",
        "akka-wal.commit-dispacher is not known; did you mean akka-wal.commit-dispatcher?")]
    [InlineData("zebra = 5",
        "akka-wal.zebra is not known; akka-wal has archive, archive-dispatcher, ")]
    public void Key_that_is_not_known_should_be_refused_with_the_one_that_was_meant(string hocon, string expected)
    {
        var problem = Problem(hocon);
        Assert.StartsWith(expected, problem.Message, StringComparison.Ordinal);
        Assert.Equal(expected.Split(' ')[0], problem.Key);
    }

    [Theory]
    [InlineData("flush { policy = always }", "akka-wal.flush takes a value and is no section")]
    [InlineData("retention = off", "akka-wal.retention is a section and takes no value")]
    [InlineData("read-dispatcher = none", "akka-wal.read-dispatcher is a section and takes no value")]
    public void Section_in_a_values_place_should_be_refused_and_the_reverse(string hocon, string expected) =>
        Assert.Equal(expected, Problem(hocon).Message);

    [Fact]
    public void Section_itself_should_be_one()
    {
        var config = ConfigurationFactory.ParseString("akka-wal = on");
        var problem = Assert.Throws<WalConfigException>(() => WalSettings.FromConfig(config));
        Assert.Equal("akka-wal is a section and takes no value", problem.Message);
    }

    [Fact]
    public void Keys_that_somebody_else_reads_should_be_let_be()
    {
        const string Hocon = """
            commit-dispatcher { type = ForkJoinDispatcher, whatever.akka.takes = 1 }
            node.window-requests = 5
            max-segment-bytes = 7
            """;
        Assert.Equal(7, Settings(Hocon).Options.MaxSegmentBytes);
        Assert.Equal("", WalSettings.FromConfig(ConfigurationFactory.ParseString("else.where = 1")).Directory);
    }
}
