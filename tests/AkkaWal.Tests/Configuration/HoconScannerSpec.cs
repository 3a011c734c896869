using Akka.Actor;
using AkkaWal.Configuration.Hocon;

namespace AkkaWal.Tests.Configuration;

/// <summary>Texts that are not HOCON, or that Akka.NET would misread, and the positions of their errors.</summary>
public sealed class HoconScannerSpec
{
    private static string Problem(string text) =>
        Assert.Throws<WalConfigException>(() => HoconFile.Parse(text, "f")).Message;

    [Theory]
    [InlineData("akka-wal {\n  flush = always\n", "f:1:10: this '{' of akka-wal is never closed")]
    [InlineData("a {\n b {\n c = 1\n }\n", "f:1:3: this '{' of a is never closed")]
    [InlineData("a = {\n b = 1\n", "f:1:5: this '{' of a is never closed")]
    [InlineData("{ a = 1", "f:1:1: this '{' is never closed")]
    [InlineData("a = 1\n}\nb = 2", "f:2:1: this '}' closes nothing")]
    [InlineData("a { b = 1 } }\nc = 2", "f:1:13: this '}' closes nothing")]
    [InlineData("{ a = 1 }\nb = 2", "f:2:1: the text goes on")]
    [InlineData("a = [1, 2", "f:1:5: this '[' of a is never closed")]
    [InlineData("a { b = [1\n}", "f:1:9: this '[' of a.b is never closed")]
    [InlineData("a = 1\n]", "f:2:1: this ']' closes nothing")]
    [InlineData("a = { b = 1 ]", "f:1:13: this ']' closes nothing")]
    [InlineData("a = \"x\nb = 1", "f:1:5: this '\"' is not closed on its line")]
    [InlineData("a = \"x", "f:1:5: this '\"' is not closed on its line")]
    [InlineData("\"a = 1\n", "f:1:1: this '\"' is not closed on its line")]
    [InlineData("a = \"\"\"x\ny\"\"\nb = 1", "f:1:5: this \"\"\" is never closed")]
    [InlineData("a = \"\"\"x\"\"\"\"", "f:1:12: this '\"' is not closed on its line")]
    public void What_is_not_closed_or_closes_nothing_should_be_refused(string text, string expected) =>
        Assert.StartsWith(expected, Problem(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("a =", "f:1:4: a has no value: the text ends")]
    [InlineData("x {\n a = \n}", "f:3:1: x.a has no value, but '}'")]
    [InlineData("a = , b = 1", "f:1:5: a has no value, but ','")]
    [InlineData("a =\nb = 1", "f:2:3: '=' in the value of a: a value is missing before it")]
    [InlineData("a = b = 1", "f:1:7: '=' in the value of a")]
    [InlineData("a = http://x", "f:1:9: ':' in the value of a")]
    [InlineData("a = x@y", "f:1:6: '@' in the value of a: a value with it must stand between quotes")]
    [InlineData("a = 1 $ 2", "f:1:7: '$' in the value of a")]
    [InlineData("a = 16\u00a0MiB", "f:1:7: U+00A0 in the value of a")]
    [InlineData("a = 1 {}", "f:1:7: the value of a is of two kinds at once")]
    [InlineData("a = [1] 2", "f:1:9: the value of a is of two kinds at once")]
    [InlineData("a = [1,,2]", "f:1:8: a value is missing before ','")]
    [InlineData("a = [ ]", "f:1:5: an empty list is []")]
    [InlineData("a = \"\\x\"", "f:1:6: behind '\\' stands one of")]
    [InlineData("a = \"\\u12\"", "f:1:6: behind '\\' stands one of")]
    public void Value_that_is_missing_or_has_what_it_can_not_have_should_be_refused(string text, string expected) =>
        Assert.StartsWith(expected, Problem(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("flush\nmax = 1", "f:1:1: flush has neither '=' nor '{' behind it")]
    [InlineData("a\n", "f:1:1: a has neither")]
    [InlineData("a, b = 1", "f:1:1: a has neither")]
    [InlineData("\"a\" b = 1", "f:1:1: a has neither")]
    [InlineData("= 1", "f:1:1: a key is missing before '='")]
    [InlineData("a = 1\n{ b = 2 }", "f:2:1: a key is missing before '{'")]
    [InlineData("a..b = 1", "f:1:3: a key is missing before '.'")]
    [InlineData(".a = 1", "f:1:1: a key is missing before '.'")]
    [InlineData("a. = 1", "f:1:4: a key is missing before '='")]
    [InlineData("a.\nb = 1", "f:1:3: a key ends with a dot")]
    [InlineData("a@b = 1", "f:1:1: a has neither")]
    [InlineData("@a = 1", "f:1:1: a key with '@' in it must stand between quotes")]
    [InlineData("\"\"\"a\"\"\" = 1", "f:1:1: a key stands between single quotes")]
    [InlineData("a { b = 1 }, c = 2", "f:1:12: Akka.NET takes no ',' here")]
    [InlineData("a = 1\n, b = 2", "f:2:1: this ',' follows no value")]
    public void Key_that_is_missing_or_stands_alone_should_be_refused(string text, string expected) =>
        Assert.StartsWith(expected, Problem(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("a = 1\ninclude \"b.conf\"", "f:2:1: include is not supported")]
    [InlineData("x { include\n\"b.conf\" }", "f:1:5: include is not supported")]
    [InlineData("a += 1", "f:1:3: Akka.NET knows no '+='")]
    [InlineData("a = ${?b}", "f:1:5: Akka.NET knows no optional substitution")]
    [InlineData("a = ${b", "f:1:5: this '${' is never closed")]
    [InlineData("a = 1\nb = ${HOME}", "f:2:5: ${HOME} names no key of this text")]
    [InlineData("b = ${aa}\na { b = 1 }", "f:1:5: ${aa} names no key of this text")]
    [InlineData("a = ${a}", "f:1:5: ${a} comes to need its own value")]
    [InlineData("a = ${b}\nb = x${a}", "f:1:5: ${b} comes to need its own value")]
    [InlineData("a { b = ${a} }", "f:1:9: ${a} comes to need its own value")]
    [InlineData("a { x = 1 }\na = ${a.x}", "f:2:5: ${a.x} comes to need its own value")]
    public void What_akka_does_not_resolve_should_be_refused(string text, string expected) =>
        Assert.StartsWith(expected, Problem(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("a = b\0c", "f:1:6: U+0000 stands in no text")]
    [InlineData("a = 1 # \u0007", "f:1:9: U+0007 stands in no text")]
    public void Control_characters_should_be_refused(string text, string expected) =>
        Assert.StartsWith(expected, Problem(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "a {")]
    [InlineData("a = ", "[")]
    [InlineData("a = ", "[{ b = ")]
    [InlineData("", "a.")]
    public void Nesting_should_be_bounded_as_the_parser_behind_it_recurses(string before, string open)
    {
        var text = before + string.Concat(Enumerable.Repeat(open, 100_000)) + "a = 1";
        Assert.Contains("this is nested deeper than 64", Problem(text), StringComparison.Ordinal);
    }

    [Fact]
    public void Substitutions_should_be_bounded_as_each_is_compared_with_each()
    {
        var text = "a = 1\n" + string.Concat(Enumerable.Range(0, 257).Select(number => $"b{number} = ${{a}}\n"));
        Assert.StartsWith("f:258:8: more than 256 substitutions", Problem(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "a", null)]
    [InlineData("# nothing\n// but comments", "a", null)]
    [InlineData("a = 1 #", "a", "1")]
    [InlineData("a = 1\r\nb = 2\r\n", "a", "1")]
    [InlineData("a=16 MiB // large\n", "a", "16 MiB")]
    [InlineData("a : 1, b : 2", "b", "2")]
    [InlineData("{ \"a\" : 1, \"b\" : \"2\" }\n", "b", "2")]
    [InlineData("a\n{\n  b\n  {\n    c = 1\n  }\n}\n", "a.b.c", "1")]
    [InlineData("a . b . c = 1", "a.b.c", "1")]
    [InlineData("a { b = 1 } c { d = 2 }", "c.d", "2")]
    [InlineData("a = { b = 1 }, c = 2", "c", "2")]
    [InlineData("a =\n  1", "a", "1")]
    [InlineData("a = \"x # y = { z } \\\" \\u0041\"", "a", "x # y = { z } \" A")]
    [InlineData("a = \"\"\"x\n\"y\" }\"\"\"", "a", "x\n\"y\" }")]
    [InlineData("\"a.b\" = 1", "\"a.b\"", "1")]
    [InlineData("a = 1\nb = ${a} MiB", "b", "1 MiB")]
    [InlineData("a { b = 1 }\nc = ${a}", "c.b", "1")]
    [InlineData("a = 1\na = 2", "a", "2")]
    [InlineData("include = 1", "include", "1")]
    [InlineData("includes \n = 1", "includes", "1")]
    [InlineData("a = []\nb = [1, 2,\n 3]\nc = [\n# x\n\"d\" ]\ne = 1", "e", "1")]
    public void What_passes_should_mean_to_akka_what_it_says(string text, string key, string? expected)
    {
        var config = HoconFile.Parse(text, "f").Config;
        Assert.Equal(expected, config.IsEmpty ? null : config.GetString(key));
    }

    [Fact]
    public void Configurations_of_this_project_and_of_akka_should_pass()
    {
        string Read<TAssembly>(string name, string key)
        {
            using var text = new StreamReader(typeof(TAssembly).Assembly.GetManifestResourceStream(name)!);
            return HoconFile.Parse(text.ReadToEnd(), name).Config.GetString(key);
        }

        Assert.Equal("on", Read<ActorSystem>("Akka.Configuration.akka.conf", "akka.suppress-json-serializer-warning"));
        Assert.Equal("always", Read<LogManager>("AkkaWal.reference.conf", "akka-wal.flush"));
    }

    [Fact]
    public void Whatever_passes_should_be_read_by_akka_with_every_key()
    {
        string[] pieces =
        [
            "a", "b", "c-d", "1", " ", " ", "\n", "\n", "\r\n", ".", "=", "=", ":", "{", "{", "}", "}", "[", "]", ",",
            "\"", "\"x\"", "\"\"\"", "# x\n", "//", "/", "${a}", "${b.c-d}", "\\", "+", "include", "\t", "@", "\u00a0",
        ];
        var random = new Random(20_260);
        var passed = 0;
        for (var run = 0; run < 50_000; run++)
        {
            var text = string.Concat(random.GetItems(pieces, random.Next(1, 16)));
            IReadOnlyList<HoconPlace> places;
            try
            {
                places = HoconScanner.Scan(text);
            }
            catch (HoconSyntaxException)
            {
                continue;
            }

            passed++;
            var config = HoconFile.Parse(text, "f").Config;
            for (var index = 0; index < places.Count; index++)
            {
                // A later line may replace the section that contains the key.
                var key = places[index].Key;
                if (places.Skip(index + 1).Any(later => HoconPath.IsWithin(key, later.Key))) continue;
                Assert.True(config.GetValue(key) is not null, $"{key} is lost: {text}");
            }

            var names = places.Select(place => place.Key.Split('.')[0]).Distinct().Count();
            Assert.Equal(names, config.Root.GetObject()?.Items.Count ?? 0);
        }

        Assert.True(passed > 500, $"only {passed} texts passed");
    }
}
