using AkkaWal.Node.Kafka.Keys;

namespace AkkaWal.Node.Tests.Kafka;

public class KafkaFolderSpec
{
    [Theory]
    [InlineData("orders", "k-orders")]
    [InlineData("", "k-")]
    [InlineData(".", "k-%2E")]
    [InlineData("..", "k-%2E%2E")]
    [InlineData("a/../b\\c", "k-a%2F%2E%2E%2Fb%5Cc")]
    [InlineData("Ä\0%", "k-%C3%84%00%25")]
    [InlineData("k-x_Y9", "k-k-x_Y9")]
    public void Key_should_become_a_harmless_name(string key, string expected) =>
        Assert.Equal(expected, KafkaFolder.Of(key));

    [Theory]
    [InlineData("Orders", "k-%4Frders")]
    [InlineData("orders_7-", "k-orders_7-")]
    [InlineData("%4f", "k-%254f")]
    public void Keys_that_differ_in_case_should_not_share_a_folder_where_its_name_does_not_tell(
        string key, string expected)
    {
        Assert.Equal(expected, KafkaFolder.Of(key, writesCapitals: false));
        Assert.NotEqual(
            KafkaFolder.Of(key, writesCapitals: false), KafkaFolder.Of(key.ToUpperInvariant(), writesCapitals: false),
            StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public void Long_key_should_become_names_that_a_file_system_takes()
    {
        var path = KafkaFolder.Of(new string('ä', KafkaFolder.MaxKeyBytes / 2));
        Assert.All(path.Split('/'), name => Assert.InRange(name.Length, 2, 255));
        Assert.InRange(path.Length, 3 * KafkaFolder.MaxKeyBytes, 3 * KafkaFolder.MaxKeyBytes + 100);
    }

    [Fact]
    public void No_two_keys_should_share_a_folder_or_lie_in_one_another()
    {
        var random = new Random(5);
        var keys = new HashSet<string> { new('a', 200), new('a', 201), new('a', 400), new('a', 401),
            "p-" + new string('a', 198) };
        while (keys.Count < 2000)
            keys.Add(string.Concat(Enumerable.Range(0, random.Next(0, 450)).Select(_ => "a%/k-p"[random.Next(6)])));
        var folders = keys.Select(key => KafkaFolder.Of(key)).ToHashSet();
        Assert.Equal(keys.Count, folders.Count);
        Assert.All(folders, folder => Assert.DoesNotContain(Parents(folder), folders.Contains));
    }

    private static IEnumerable<string> Parents(string folder)
    {
        for (var slash = folder.LastIndexOf('/');
            slash >= 0;
            slash = slash > 0 ? folder.LastIndexOf('/', slash - 1) : -1)
            yield return folder[..slash];
    }
}
