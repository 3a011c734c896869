using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Tests;

namespace AkkaWal.Node.Tests.EndToEnd;

/// <summary>
/// The node with Akka.NET's checks: each message between actors can be serialized, or is marked as local.
/// </summary>
public class SerializationSpec : NodeSpec
{
    private async Task<string[]> Run(byte[] input)
    {
        var config = Path.Combine(Root, "checks.conf");
        await File.WriteAllTextAsync(config, $"{SerializationChecks.Hocon}\nakka-wal.node.request-timeout = 60 s");
        var (lines, notes, status) = await NodeRunner.Run(Temporary, input, "--config", config, "--data-dir", Data);
        Assert.Equal(("", 0), (notes, status));
        return lines;
    }

    [Theory]
    [InlineData("config.in.jsonl", "config.out.jsonl")]
    [InlineData("info.in.jsonl", "info.out.jsonl")]
    [InlineData("tour.jsonl", "tour.out.jsonl")]
    public async Task Node_should_answer_every_request_while_messages_are_checked(string input, string output)
    {
        var samples = Path.Combine(AppContext.BaseDirectory, "samples");
        var lines = await Run(await File.ReadAllBytesAsync(Path.Combine(samples, input)));
        Assert.Equal(await File.ReadAllLinesAsync(Path.Combine(samples, output)), lines);
    }

    [Fact]
    public async Task Kafka_requests_should_be_answered_while_messages_are_checked()
    {
        var lines = await Run(Lines(
            NodeRunner.Init,
            Request("send", 2, ",\"key\":\"k\",\"msg\":7"),
            Request("poll", 3, ",\"offsets\":{\"k\":0}"),
            Request("commit_offsets", 4, ",\"offsets\":{\"k\":0}"),
            Request("list_committed_offsets", 5, ",\"keys\":[\"k\"]")));
        Assert.Equal(
            ["init_ok", "send_ok", "poll_ok", "commit_offsets_ok", "list_committed_offsets_ok"],
            lines.Select(line => Body(line).GetProperty("type").GetString()));
        Assert.Equal(7, Body(lines[2]).GetProperty("msgs").GetProperty("k")[0][1].GetInt32());
    }

    [Fact]
    public void Every_message_of_the_node_should_be_marked_as_staying_in_it()
    {
        var messages = typeof(Node.Bridge.StdioBridge).Assembly.GetTypes()
            .Where(type => !type.IsAbstract
                && (type.IsAssignableTo(typeof(LogRequest)) || type.IsAssignableTo(typeof(LogReply)))).ToList();
        Assert.True(messages.Count > 8, $"{messages.Count} were found");
        Assert.All(messages, type => Assert.True(
            type.IsAssignableTo(typeof(INoSerializationVerificationNeeded)), $"{type} has no marker"));
    }
}
