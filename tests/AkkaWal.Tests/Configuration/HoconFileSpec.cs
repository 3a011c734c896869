using System.Text;
using AkkaWal.Configuration.Hocon;

namespace AkkaWal.Tests.Configuration;

/// <summary>Errors of a file before its HOCON is parsed, and the places of its keys.</summary>
public sealed class HoconFileSpec : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("akkawal-test-").FullName;

    private string File => Path.Combine(_directory, "x.conf");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private HoconFile Load(params IEnumerable<byte> bytes)
    {
        System.IO.File.WriteAllBytes(File, [.. bytes]);
        return HoconFile.Load(File);
    }

    private static string Problem(Func<HoconFile> load) => Assert.Throws<WalConfigException>(load).Message;

    [Fact]
    public void Byte_order_mark_should_be_passed_over()
    {
        var file = Load([.. Encoding.UTF8.Preamble, .. "a = \u00e9\n"u8]);
        Assert.Equal("\u00e9", file.Config.GetString("a"));
        Assert.Equal($"{File}:1:1", file.PlaceOf("a"));
    }

    [Fact]
    public void Empty_file_should_say_nothing() => Assert.True(Load([]).Config.IsEmpty);

    [Theory]
    [InlineData("a = 1\nb = \u0001")]
    [InlineData("a = 1\r\nb = \u0001")]
    public void Place_should_be_told_by_line_and_column(string text) =>
        Assert.StartsWith($"{File}:2:5: ", Problem(() => Load(Encoding.UTF8.GetBytes(text))), StringComparison.Ordinal);

    [Fact]
    public void Key_should_be_found_where_it_gets_the_value_that_counts()
    {
        var file = HoconFile.Parse("a {\n  b = 1\n  \"c.d\" = 2\n}\na.b = 3\ne.f.g = 4", "f");
        Assert.Equal("f:1:1", file.PlaceOf("a"));
        Assert.Equal("f:5:1", file.PlaceOf("a.b"));
        Assert.Equal("f:3:3", file.PlaceOf("a.\"c.d\""));
        Assert.Equal("f:6:1", file.PlaceOf("e.f.g"));
        Assert.Equal("f:6:1", file.PlaceOf("e.f"));
        Assert.Null(file.PlaceOf("e.fg"));
    }

    [Fact]
    public void Bytes_that_are_no_utf8_should_be_refused_with_their_line() =>
        Assert.Equal($"{File}:2: it is no UTF-8", Problem(() => Load([.. "a = 1\nb = "u8, 0xE9, .. "\n"u8])));

    [Fact]
    public void File_that_is_too_long_should_be_refused_and_not_read_to_its_end()
    {
        Assert.Equal("/dev/zero: it is longer than 1048576 bytes", Problem(() => HoconFile.Load("/dev/zero")));
        Assert.True(Load(Encoding.UTF8.GetBytes(new string('#', HoconFile.MaxBytes))).Config.IsEmpty);
        Assert.Contains("longer than", Problem(() => Load(new byte[HoconFile.MaxBytes + 1])), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_file_should_be_named()
    {
        Assert.Equal($"{_directory}: it is a directory", Problem(() => HoconFile.Load(_directory)));
        var link = Path.Combine(_directory, "link");
        Directory.CreateSymbolicLink(link, _directory);
        Assert.Equal($"{link}: it is a directory", Problem(() => HoconFile.Load(link)));
        // The first byte of the second file can't be read, even by root.
        foreach (var file in new[] { "/nowhere/x.conf", "/proc/self/mem" })
            Assert.StartsWith($"{file}: ", Problem(() => HoconFile.Load(file)), StringComparison.Ordinal);
    }
}
