using System.Text;
using AkkaWal.Node.Kafka;
using AkkaWal.Node.Kafka.Messages;

namespace AkkaWal.Node.Tests.Kafka;

public class CommittedOffsetsSpec
{
    private readonly CommittedOffsets _committed = new();

    [Fact]
    public void Offsets_should_never_move_back()
    {
        _committed.Advance([new("a", 5), new("b", 0)]);
        Assert.Equal(
            [new("b", 1), new("c", 0)], _committed.Ahead([new("a", 4), new("b", 1), new("a", 5), new("c", 0)]));
        _committed.Advance([new("a", 4), new("b", 1)]);
        Assert.Equal([new("b", 1), new("a", 5)], _committed.Of(["b", "x", "a", "b"]));
    }

    [Fact]
    public void Commit_should_be_the_same_after_it_was_a_record()
    {
        KeyOffset[] offsets = [new("a \"quoted\" ä\n", 0), new("", long.MaxValue)];
        var record = CommittedOffsets.Encode(offsets);
        Assert.Equal("""{"a \"quoted\" ä\n": 0, "": 9223372036854775807}""", Encoding.UTF8.GetString(record.Span));
        Assert.Equal(offsets, CommittedOffsets.Decode(record.Span));
    }
}
