using System.Globalization;
using System.Reflection;
using AkkaWal.Storage;

namespace AkkaWal.Tests.Extension;

/// <summary>Settings made in code: an illegal value is refused where it is set.</summary>
public sealed class SettingsSpec : LogSpec
{
    private static readonly TimeSpan TooLong = TimeSpan.FromDays(24) + TimeSpan.FromTicks(1);

    /// <summary>By type and property: illegal values, and legal ones at the limits.</summary>
    private static readonly Dictionary<(Type Type, string Name), (object?[] Illegal, object?[] Legal)> Cases = new()
    {
        [(typeof(WalSettings), nameof(WalSettings.Directory))] = ([null, "rel", "./rel", "a/\0"], ["", "/", "/a b/ä"]),
        [(typeof(WalSettings), nameof(WalSettings.Options))] = ([null], [new WalOptions()]),
        [(typeof(WalSettings), nameof(WalSettings.FlushInterval))] = Times,
        [(typeof(WalSettings), nameof(WalSettings.WatermarkInterval))] = Times,
        [(typeof(WalSettings), nameof(WalSettings.MaxPendingBytes))] = ([0L, -1L, long.MinValue], [1L, long.MaxValue]),
        [(typeof(WalSettings), nameof(WalSettings.MaxOpenSegments))] =
            ([0, -1, int.MinValue, (1 << 20) + 1, int.MaxValue], [1, 1 << 20]),
        [(typeof(WalSettings), nameof(WalSettings.MaxIndexBytes))] = ([-1L, long.MinValue], [0L, long.MaxValue]),
        [(typeof(WalSettings), nameof(WalSettings.SegmentIdleTimeout))] = Times,
        [(typeof(WalSettings), nameof(WalSettings.MaxRestarts))] = ([-1, int.MinValue], [0, int.MaxValue]),
        [(typeof(WalSettings), nameof(WalSettings.ArchiveDirectory))] = ([null, "rel", "/a\0"], ["", "/archive"]),
        [(typeof(WalSettings), nameof(WalSettings.Retention))] = ([null], [new RetentionPolicy()]),
        [(typeof(WalSettings), nameof(WalSettings.RetentionCheckInterval))] = Times,
        [(typeof(WalOptions), nameof(WalOptions.Flush))] = ([(FlushPolicy)(-1), (FlushPolicy)3], [FlushPolicy.OsCache]),
        [(typeof(WalOptions), nameof(WalOptions.Owner))] =
            ([null, "a\nb", new string('x', 257), new string('ä', 129)], ["", "node-1#7", new string('ä', 128)]),
        [(typeof(WalOptions), nameof(WalOptions.MaxSegmentBytes))] =
            ([0L, -1L, 1L << 32, long.MaxValue], [1L, (1L << 32) - 1]),
        [(typeof(WalOptions), nameof(WalOptions.MaxCommitBytes))] = ([0, 4095, (1 << 30) + 1], [4096, 1 << 30]),
        [(typeof(WalOptions), nameof(WalOptions.MaxPayloadBytes))] = ([0, -1, 1 << 30], [1, (1 << 30) - 1]),
        [(typeof(WalOptions), nameof(WalOptions.Codec))] = ([(CompressionCodec)99], [CompressionCodec.Lz4]),
        [(typeof(WalOptions), nameof(WalOptions.MaxBlockCacheBytes))] = ([-1L], [0L, long.MaxValue]),
        [(typeof(WalOptions), nameof(WalOptions.Clock))] = ([null], [TimeProvider.System]),
        [(typeof(WalOptions), nameof(WalOptions.Neighbours))] = ([null], [Array.Empty<string>()]),
        [(typeof(WalOptions), nameof(WalOptions.Archive))] = ([], [null]),
        [(typeof(RetentionPolicy), nameof(RetentionPolicy.Action))] = ([(RetentionAction)2], [RetentionAction.Archive]),
        [(typeof(RetentionPolicy), nameof(RetentionPolicy.MaxBytes))] = ([0L, -1L], [null, 1L, long.MaxValue]),
        [(typeof(RetentionPolicy), nameof(RetentionPolicy.MaxAge))] =
            ([TimeSpan.Zero, TimeSpan.FromTicks(-1)], [null, TimeSpan.FromTicks(1), TimeSpan.MaxValue]),
        [(typeof(RetentionPolicy), nameof(RetentionPolicy.MaxSegments))] = ([0, -1], [null, 1, int.MaxValue]),
        [(typeof(RetentionPolicy), nameof(RetentionPolicy.CompressAfterRolls))] = ([0, -1], [null, 1, int.MaxValue]),
        [(typeof(RetentionPolicy), nameof(RetentionPolicy.MaxSegmentsPerCheck))] = ([0, -1, 1025], [1, 1024]),
        [(typeof(LogReaderOptions), nameof(LogReaderOptions.MaxOpenSegments))] = ([0, -1], [1, int.MaxValue]),
        [(typeof(LogReaderOptions), nameof(LogReaderOptions.MaxIndexBytes))] = ([-1L], [0L, long.MaxValue]),
        [(typeof(LogReaderOptions), nameof(LogReaderOptions.MaxBlockCacheBytes))] = ([-1L], [0L, long.MaxValue]),
        [(typeof(LogReaderOptions), nameof(LogReaderOptions.MapSegments))] = ([], [true]),
        [(typeof(LogReaderOptions), nameof(LogReaderOptions.Archive))] = ([], [null]),
    };

    private static (object?[] Illegal, object?[] Legal) Times =>
        ([TimeSpan.Zero, TimeSpan.FromTicks(-1), TimeSpan.MinValue, Timeout.InfiniteTimeSpan, TooLong,
            TimeSpan.MaxValue],
            [TimeSpan.FromTicks(1), TimeSpan.FromDays(24)]);

    public static TheoryData<Type, string> Properties()
    {
        var data = new TheoryData<Type, string>();
        foreach (var type in new[] { typeof(WalSettings), typeof(WalOptions), typeof(RetentionPolicy),
            typeof(LogReaderOptions) })
            foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
                .Where(p => p.CanWrite))
                data.Add(type, property.Name);
        return data;
    }

    private static object Make(Type type) =>
        type == typeof(WalSettings) ? new WalSettings { Directory = "/log" } : Activator.CreateInstance(type)!;

    [Theory]
    [MemberData(nameof(Properties))]
    public void Value_out_of_range_should_be_refused_with_the_settings_name_and_its_range(Type type, string name)
    {
        var property = type.GetProperty(name)!;
        Assert.True(Cases.TryGetValue((type, name), out var cases), $"{type.Name}.{name} is not checked by this spec");
        foreach (var value in cases.Illegal)
        {
            var problem = Assert.IsAssignableFrom<ArgumentException>(
                Assert.Throws<TargetInvocationException>(() => property.SetValue(Make(type), value)).InnerException);
            Assert.Equal(name, problem.ParamName);
            Assert.Matches($"^{name} must ", problem.Message);
            if (value is not null)
                Assert.Contains(
                    Convert.ToString(value, CultureInfo.InvariantCulture)!, problem.Message, StringComparison.Ordinal);
        }
        foreach (var value in cases.Legal)
        {
            var made = Make(type);
            property.SetValue(made, value);
            Assert.Equal(value, property.GetValue(made));
        }
    }

    [Fact]
    public void Log_without_a_directory_should_be_refused_before_it_is_started() =>
        Assert.StartsWith(
            "Directory must be set",
            Assert.Throws<ArgumentException>(() => LogManager.Props(Sys, new WalSettings { Directory = "" })).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Log_that_is_to_archive_nowhere_should_be_refused_before_it_is_started()
    {
        var settings = new WalSettings
        {
            Directory = Directory,
            Retention = new RetentionPolicy { MaxSegments = 1, Action = RetentionAction.Archive },
        };
        Assert.Equal(
            "ArchiveDirectory", Assert.Throws<ArgumentException>(() => LogManager.Props(Sys, settings)).ParamName);
        LogManager.Props(Sys, settings with { ArchiveDirectory = "/archive" });
        LogManager.Props(Sys, settings with { Retention = new RetentionPolicy { Action = RetentionAction.Archive } });
    }
}
