using Akka.Configuration;
using AkkaWal.Storage;

namespace AkkaWal.Tests;

public sealed class WalSettingsSpec
{
    [Fact]
    public void Reference_configuration_should_hold_the_defaults_of_the_code()
    {
        var fromConfig = WalSettings.FromConfig(ConfigurationFactory.Empty);
        Assert.Equal(new WalSettings { Directory = "" }, fromConfig);
        Assert.Equal((FlushPolicy.Always, 64L << 20, 16 << 20, 16 << 20),
            (fromConfig.Options.Flush, fromConfig.Options.MaxSegmentBytes, fromConfig.Options.MaxCommitBytes, fromConfig.Options.MaxPayloadBytes));
        Assert.Equal((CompressionCodec.Zstd, 4L << 20), (fromConfig.Options.Codec, fromConfig.Options.MaxBlockCacheBytes));
    }

    [Theory]
    [InlineData("flush = interval", FlushPolicy.Interval)]
    [InlineData("flush = os-cache", FlushPolicy.OsCache)]
    public void Flush_policy_should_be_read_by_its_name(string hocon, FlushPolicy expected) =>
        Assert.Equal(expected, WalSettings.FromConfig(ConfigurationFactory.ParseString($"akka-wal {{ {hocon} }}")).Options.Flush);

    [Theory]
    [InlineData("zstd", CompressionCodec.Zstd)]
    [InlineData("lz4", CompressionCodec.Lz4)]
    [InlineData("brotli", CompressionCodec.Brotli)]
    public void Codec_should_be_read_by_its_name(string name, CompressionCodec expected) =>
        Assert.Equal(expected, WalSettings.FromConfig(ConfigurationFactory.ParseString($"akka-wal.compression.codec = {name}")).Options.Codec);

    [Theory]
    [InlineData("flush = sometimes", "akka-wal.flush")]
    [InlineData("max-segment-bytes = 0", "akka-wal.max-segment-bytes")]
    [InlineData("max-segment-bytes = 4294967296", "akka-wal.max-segment-bytes")]
    [InlineData("max-commit-bytes = 1", "akka-wal.max-commit-bytes")]
    [InlineData("max-payload-bytes = 0", "akka-wal.max-payload-bytes")]
    [InlineData("max-pending-bytes = 0", "akka-wal.max-pending-bytes")]
    [InlineData("max-open-segments = 0", "akka-wal.max-open-segments")]
    [InlineData("max-index-bytes = -1", "akka-wal.max-index-bytes")]
    [InlineData("compression.codec = gzip", "akka-wal.compression.codec")]
    [InlineData("compression.codec = \"\"", "akka-wal.compression.codec")]
    [InlineData("compression.max-cache-bytes = -1", "akka-wal.compression.max-cache-bytes")]
    [InlineData("flush-interval = 0 s", "akka-wal.flush-interval")]
    [InlineData("watermark-interval = 0 s", "akka-wal.watermark-interval")]
    [InlineData("segment-idle-timeout = 0 s", "akka-wal.segment-idle-timeout")]
    [InlineData("max-restarts = -1", "akka-wal.max-restarts")]
    public void Illegal_value_should_be_refused_with_the_name_of_its_key(string hocon, string key) =>
        Assert.Contains(key, Assert.Throws<ArgumentException>(() => WalSettings.FromConfig(ConfigurationFactory.ParseString($"akka-wal {{ {hocon} }}"))).Message, StringComparison.Ordinal);
}
