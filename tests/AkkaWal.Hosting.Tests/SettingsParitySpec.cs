using System.Reflection;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Akka.Hosting.Configuration;
using AkkaWal.Storage;
using Microsoft.Extensions.Configuration;

namespace AkkaWal.Hosting.Tests;

/// <summary>
/// Each key of reference.conf that concerns one log reaches the same setting from HOCON, from options, and from a
/// section of the host's configuration; as the log's own value, or as that of all logs.
/// </summary>
public sealed class SettingsParitySpec
{
    private const string Name = "orders";

    /// <summary>By key: a value that is not the default, as HOCON, as a property and as a host's configuration says it;
    /// and the setting that it is to reach.</summary>
    private static readonly Dictionary<string, Sample> Samples = new()
    {
        ["directory"] = new("/data/orders", "/data/orders", "/data/orders", s => s.Directory),
        ["owner"] = new("node-1 #7", "node-1 #7", "node-1 #7", s => s.Options.Owner),
        ["flush"] = new("os-cache", FlushPolicy.OsCache, "OsCache", s => s.Options.Flush),
        ["flush-interval"] = new("250 ms", Seconds(0.25), "00:00:00.25", s => s.FlushInterval),
        ["watermark-interval"] = new("2 s", Seconds(2), "00:00:02", s => s.WatermarkInterval),
        ["max-segment-bytes"] = new("4 GB", 4_000_000_000L, "4000000000", s => s.Options.MaxSegmentBytes),
        ["max-commit-bytes"] = new("1 MiB", 1 << 20, "1048576", s => s.Options.MaxCommitBytes),
        ["max-payload-bytes"] = new("2 MiB", 2 << 20, "2097152", s => s.Options.MaxPayloadBytes),
        ["max-pending-bytes"] = new("3 MiB", 3L << 20, "3145728", s => s.MaxPendingBytes),
        ["max-open-segments"] = new("7", 7, "7", s => s.MaxOpenSegments),
        ["max-index-bytes"] = new("0", 0L, "0", s => s.MaxIndexBytes),
        ["segment-idle-timeout"] = new("1 h", TimeSpan.FromHours(1), "01:00:00", s => s.SegmentIdleTimeout),
        ["max-restarts"] = new("0", 0, "0", s => s.MaxRestarts),
        ["compression.codec"] = new("lz4", CompressionCodec.Lz4, "Lz4", s => s.Options.Codec),
        ["compression.max-cache-bytes"] = new("1 KiB", 1024L, "1024", s => s.Options.MaxBlockCacheBytes),
        ["archive.directory"] = new("/archive", "/archive", "/archive", s => s.ArchiveDirectory),
        ["retention.max-bytes"] = new("1 TiB", 1L << 40, "1099511627776", s => s.Retention.MaxBytes),
        ["retention.max-age"] = new("30 d", TimeSpan.FromDays(30), "30.00:00:00", s => s.Retention.MaxAge),
        ["retention.max-segments"] = new("9", 9, "9", s => s.Retention.MaxSegments),
        ["retention.action"] = new("archive", RetentionAction.Archive, "Archive", s => s.Retention.Action),
        ["retention.compress-after-rolls"] = new("2", 2, "2", s => s.Retention.CompressAfterRolls),
        ["retention.check-interval"] = new("5 m", TimeSpan.FromMinutes(5), "00:05:00", s => s.RetentionCheckInterval),
        ["retention.max-segments-per-check"] = new("3", 3, "3", s => s.Retention.MaxSegmentsPerCheck),
    };

    private static readonly List<string> AllKeys =
        [.. KeysIn(WalSettings.ReferenceConfig.GetValue("akka-wal").GetObject(), "")];

    public static TheoryData<string> Keys() => [.. AllKeys];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Key_should_reach_its_setting_from_wherever_it_is_set(string key)
    {
        Assert.True(Samples.TryGetValue(key, out var sample), $"{key} has no sample, and perhaps no property");
        var options = new WalLogOptions();
        SetProperty(options, key, sample.Value);

        Assert.NotEqual(sample.Value, sample.Setting(Settings(Config.Empty)));
        Assert.Equal(sample.Value, sample.Setting(Settings(options.ToConfig(Name))));
        Assert.Equal(sample.Value, sample.Setting(Settings(Hocon($"akka-wal.logs.{Name}.{key} = \"{sample.Hocon}\""))));
        var section = Host($"Shop:{PropertyPath(key, ':')}", sample.Bound).GetSection("Shop");
        var bound = WalHostingExtensions.OptionsOf(section);
        Assert.Equal(sample.Value, sample.Setting(Settings(bound.ToConfig(Name))));
        var converted = Host($"akka-wal:logs:{Name}:{key.Replace('.', ':')}", sample.Hocon).ToHocon();
        Assert.Equal(sample.Value, sample.Setting(Settings(converted)));

        // The directory is each log's own.
        var common = sample.Setting(Settings(Hocon($"akka-wal.{key} = \"{sample.Hocon}\"")));
        Assert.Equal(key == "directory" ? "" : sample.Value, common);
    }

    [Fact]
    public void Every_property_of_the_options_should_be_a_key() =>
        Assert.Equal(
            AllKeys.Select(key => PropertyPath(key, '.')).Order(),
            PropertiesOf(typeof(WalLogOptions), "").Order());

    [Theory]
    [InlineData("max-bytes")]
    [InlineData("max-age")]
    [InlineData("max-segments")]
    [InlineData("compress-after-rolls")]
    public void Limit_of_zero_should_be_off_whatever_all_logs_have(string key)
    {
        var options = new WalLogOptions();
        var sample = Samples[$"retention.{key}"];
        SetProperty(options, $"retention.{key}", Activator.CreateInstance(sample.Value.GetType())!);
        var common = Hocon($"akka-wal.retention.{key} = \"{sample.Hocon}\"");
        Assert.Null(sample.Setting(Settings(options.ToConfig(Name).WithFallback(common))));
    }

    [Fact]
    public void What_is_set_last_should_hold_and_null_should_say_nothing()
    {
        var options = new WalLogOptions { MaxRestarts = 5 };
        options.MaxRestarts = 6;
        Assert.Equal(6, Settings(options.ToConfig(Name)).MaxRestarts);
        options.MaxRestarts = null;
        Assert.Equal(new WalSettings { Directory = "" }, Settings(options.ToConfig(Name)));
    }

    [Fact]
    public void Path_should_keep_every_letter()
    {
        const string Odd = "/a \"b\"\\c\n{d} ${e} # ä = f";
        var options = new WalLogOptions { Directory = Odd };
        Assert.Equal(Odd, Settings(options.ToConfig(Name)).Directory);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    // An archive is set for the sake of retention.action, which wants one.
    private static WalSettings Settings(Config config) => WalSettings.FromConfig(
        config.HasPath($"akka-wal.logs.{Name}.retention.action") || config.HasPath("akka-wal.retention.action")
            ? config.WithFallback(Hocon("akka-wal.archive.directory = /archive"))
            : config,
        Name);

    private static Config Hocon(string text) => ConfigurationFactory.ParseString(text);

    private static IConfiguration Host(string path, string value) =>
        new ConfigurationBuilder().AddInMemoryCollection([new KeyValuePair<string, string?>(path, value)]).Build();

    private static IEnumerable<string> KeysIn(HoconObject section, string prefix)
    {
        foreach (var (name, value) in section.Items)
        {
            if (!value.IsObject()) yield return prefix + name;
            else if (!value.GetObject().Items.ContainsKey("type"))
                foreach (var key in KeysIn(value.GetObject(), $"{prefix}{name}.")) yield return key;
        }
    }

    private static string PropertyPath(string key, char separator) =>
        string.Join(separator, key.Split('.').Select(part => string.Concat(part.Split('-').Select(Capital))));

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    private static IEnumerable<string> PropertiesOf(Type type, string prefix)
    {
        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            var path = prefix + property.Name;
            if (property.CanWrite) yield return path;
            else foreach (var inner in PropertiesOf(property.PropertyType, $"{path}.")) yield return inner;
        }
    }

    private static void SetProperty(object options, string key, object value)
    {
        var names = PropertyPath(key, '.').Split('.');
        foreach (var name in names.SkipLast(1)) options = options.GetType().GetProperty(name)!.GetValue(options)!;
        options.GetType().GetProperty(names[^1])!.SetValue(options, value);
    }

    private sealed record Sample(string Hocon, object Value, string Bound, Func<WalSettings, object?> Setting);
}
