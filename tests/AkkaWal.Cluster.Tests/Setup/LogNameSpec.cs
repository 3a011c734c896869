using System.Globalization;
using AkkaWal.Cluster.Naming;

namespace AkkaWal.Cluster.Tests.Setup;

/// <summary>Names of logs: their folders and their shards.</summary>
public sealed class LogNameSpec
{
    [Theory]
    [InlineData("orders-17", "orders-17")]
    [InlineData("shop.orders_1", "shop.orders_1")]
    [InlineData("Orders", "%4frders")]
    [InlineData(".hidden.", "%2ehidden%2e")]
    [InlineData("50% off", "50%25%20off")]
    [InlineData("größe", "gr%c3%b6%c3%9fe")]
    [InlineData("a:b", "a%3ab")]
    [InlineData("con", "%63on")]
    [InlineData("com1.log", "%63om1.log")]
    [InlineData("console", "console")]
    public void Folder_should_have_the_name_as_far_as_any_file_system_takes_it(string name, string folder)
    {
        Assert.Null(LogName.Explain(name));
        Assert.Equal(folder, LogName.FolderOf(name));
        Assert.True(Akka.Actor.ActorPath.IsValidPathElement(folder));
    }

    [Fact]
    public void No_two_names_should_have_one_folder_also_where_case_is_not_told_apart()
    {
        var long1 = new string('Ä', LogName.MaxLength);
        string[] names =
        [
            "a", "A", "%41", "%61", "a.", ".a", "ä", "Ä", "a\u0308", "a ", " a", "a~", "con", "CON",
            .. Enumerable.Range(0, 1000).Select(i => i.ToString(CultureInfo.InvariantCulture)),
            long1, long1[1..], string.Concat(long1[1..], "ä"), new string('x', LogName.MaxLength),
            new string('x', LogName.MaxLength - 1), string.Concat(new string('x', LogName.MaxLength - 1), "X"),
        ];
        var folders = names.Select(LogName.FolderOf).ToList();
        Assert.Equal(names.Length, folders.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(folders, folder => Assert.InRange(folder.Length, 1, LogName.MaxFolderLength));
        Assert.All(folders, folder => Assert.True(Akka.Actor.ActorPath.IsValidPathElement(folder), folder));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a\0")]
    public void What_is_no_name_should_be_refused(string? name) => Assert.NotNull(LogName.Explain(name));

    [Fact]
    public void Half_a_letter_should_be_refused() => Assert.NotNull(LogName.Explain("\ud800"));

    [Fact]
    public void Shard_of_a_log_should_never_change()
    {
        // With other numbers, existing logs on nodes' own disks would not be found.
        var extractor = new LogExtractor(100);
        Assert.Equal([74, 59, 61], new[] { "orders-17", "a", "Größe" }.Select(extractor.ShardOf));
        var counts = Enumerable.Range(0, 10_000).GroupBy(i => extractor.ShardOf($"orders-{i}")).Select(g => g.Count());
        Assert.All(counts, count => Assert.InRange(count, 50, 200));
    }
}
