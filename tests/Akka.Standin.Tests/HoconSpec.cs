using Akka.Configuration;

namespace Akka.Standin.Tests;

public sealed class HoconSpec
{
    private static readonly Config Example = ConfigurationFactory.ParseString(""""
        # a comment
        top = 1 // another
        a {
          b = text with blanks   # not part of it
          c.d : "quoted # text", e = true
          "f.g" = 5
          list = [1, "two", three]
          lines = [
            one
            two
          ]
        }
        a.b2 = over there
        a.c { h = off }
        url = "http://host:1/path"
        path = /var/lib/wal
        raw = """C:\no\escapes "quoted" inside"""
        escaped = "tab\tquote\"u\u0041"
        ref = ${a.c.d}
        copy = ${a.c}
        twice = 1
        twice = 2
        nothing = null
        empty = ""
        negative = -3
        fraction = 1.5
        """");

    [Theory]
    [InlineData("top", "1")]
    [InlineData("a.b", "text with blanks")]
    [InlineData("a.b2", "over there")]
    [InlineData("a.c.d", "quoted # text")]
    [InlineData("a.\"f.g\"", "5")]
    [InlineData("url", "http://host:1/path")]
    [InlineData("path", "/var/lib/wal")]
    [InlineData("raw", "C:\\no\\escapes \"quoted\" inside")]
    [InlineData("escaped", "tab\tquote\"uA")]
    [InlineData("ref", "quoted # text")]
    [InlineData("copy.h", "off")]
    [InlineData("twice", "2")]
    [InlineData("nothing", null)]
    [InlineData("empty", "")]
    [InlineData("missing", null)]
    public void A_path_should_have_its_text(string path, string? text) => Assert.Equal(text, Example.GetString(path));

    [Fact]
    public void Values_should_have_types()
    {
        Assert.Equal(1, Example.GetInt("top"));
        Assert.Equal(-3, Example.GetLong("negative"));
        Assert.Equal(1.5, Example.GetDouble("fraction"));
        Assert.True(Example.GetBoolean("a.e"));
        Assert.False(Example.GetBoolean("a.c.h"));
        Assert.Equal(["1", "two", "three"], Example.GetStringList("a.list"));
        Assert.Equal(["one", "two"], Example.GetStringList("a.lines"));
        Assert.Equal("off", Example.GetConfig("a.c").GetString("h"));
    }

    [Fact]
    public void What_is_missing_should_have_the_default()
    {
        Assert.Equal(7, Example.GetInt("missing", 7));
        Assert.Equal("x", Example.GetString("missing", "x"));
        Assert.True(Example.GetBoolean("missing", true));
        Assert.Equal(TimeSpan.FromSeconds(1), Example.GetTimeSpan("missing", TimeSpan.FromSeconds(1)));
        Assert.Empty(Example.GetStringList("missing"));
        Assert.Null(Example.GetConfig("missing"));
        Assert.False(Example.HasPath("missing"));
        Assert.True(Example.HasPath("a.c.d"));
        Assert.True(ConfigurationFactory.Empty.IsEmpty);
    }

    [Theory]
    [InlineData("5s", 5_000)]
    [InlineData("10 ms", 10)]
    [InlineData("1.5 seconds", 1_500)]
    [InlineData("2 minutes", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("250", 250)]
    [InlineData("infinite", -1)]
    public void A_duration_should_have_a_unit_or_be_milliseconds(string text, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), ConfigurationFactory.ParseString("x = " + text).GetTimeSpan("x"));

    [Theory]
    [InlineData("1024", 1024)]
    [InlineData("64 MiB", 64 * 1024 * 1024)]
    [InlineData("64MiB", 64 * 1024 * 1024)]
    [InlineData("1k", 1024)]
    [InlineData("1K", 1024)]
    [InlineData("1kB", 1000)]
    [InlineData("2 MB", 2_000_000)]
    [InlineData("1G", 1024 * 1024 * 1024)]
    [InlineData("10b", 10)]
    public void A_size_should_have_a_unit_or_be_bytes(string text, long bytes) =>
        Assert.Equal(bytes, ConfigurationFactory.ParseString("x = " + text).GetByteSize("x", null));

    [Theory]
    [InlineData("x = maybe")]
    [InlineData("x = yes")]
    public void What_is_no_boolean_should_be_refused(string hocon) =>
        Assert.ThrowsAny<Exception>(() => ConfigurationFactory.ParseString(hocon).GetBoolean("x"));

    [Theory]
    [InlineData("x = 5 parsecs")]
    [InlineData("x = -1s")]
    public void What_is_no_duration_should_be_refused(string hocon) =>
        Assert.Throws<FormatException>(() => ConfigurationFactory.ParseString(hocon).GetTimeSpan("x"));

    [Fact]
    public void A_fallback_should_fill_in_what_is_not_said()
    {
        var config = ConfigurationFactory.ParseString("a { x = 1, list = [1] }").WithFallback("a { x = 2, y = 3, list = [2, 3], z { w = 4 } }\nb = 5");
        Assert.Equal(1, config.GetInt("a.x"));
        Assert.Equal(3, config.GetInt("a.y"));
        Assert.Equal(4, config.GetInt("a.z.w"));
        Assert.Equal(5, config.GetInt("b"));
        Assert.Equal(["1"], config.GetStringList("a.list"));
        Assert.Equal(3, config.GetConfig("a").GetInt("y"));
    }

    [Fact]
    public void The_keys_of_an_object_should_be_listed()
    {
        var keys = ConfigurationFactory.ParseString("a { x = 1, \"y.z\" = 2 }").GetConfig("a").AsEnumerable();
        Assert.Equal(["x", "y.z"], keys.Select(pair => pair.Key).Order());
    }

    [Theory]
    [InlineData("a = 1\n@ = 2")]
    [InlineData("a { b = 1 \n ? }")]
    public void A_malformed_text_should_be_refused_with_the_position(string hocon)
    {
        var refused = Assert.Throws<FormatException>(() => ConfigurationFactory.ParseString(hocon));
        Assert.Contains("position", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a = { x = 1 }, b = 2")]
    [InlineData("a { x = 1 } b = 2")]
    [InlineData("a { x = 1\n }\nb = 2")]
    [InlineData("a.x = 1 , b = 2")]
    [InlineData("a = [1]\na { x = 1 } b = 2,")]
    public void Members_should_be_apart_where_a_value_ends(string hocon)
    {
        var config = ConfigurationFactory.ParseString(hocon);
        Assert.Equal(1, config.GetInt("a.x"));
        Assert.Equal(2, config.GetInt("b"));
    }

    [Theory]
    [InlineData("a { x = 1 }, b = 2")]
    [InlineData("a { x { y = 1 }, z = 2 }")]
    [InlineData("a = 1,, b = 2")]
    [InlineData("a = 1\n, b = 2")]
    [InlineData("{ , a = 1 }")]
    public void A_comma_should_be_refused_where_it_ends_no_value(string hocon) =>
        Assert.Throws<FormatException>(() => ConfigurationFactory.ParseString(hocon));

    [Fact]
    public void A_substitution_of_nothing_should_be_refused() =>
        Assert.Throws<FormatException>(() => ConfigurationFactory.ParseString("a = ${b}"));

    [Fact]
    public void A_configuration_should_be_read_from_a_resource()
    {
        Assert.Equal(42, ConfigurationFactory.FromResource<HoconSpec>("Akka.Standin.Tests.example.conf").GetInt("answer"));
    }
}
