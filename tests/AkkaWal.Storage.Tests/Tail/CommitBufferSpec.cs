using AkkaWal.Storage.Tail;

namespace AkkaWal.Storage.Tests.Tail;

public sealed class CommitBufferSpec
{
    [Fact]
    public void Buffer_should_be_let_go_of_when_little_of_it_was_needed()
    {
        var buffer = new CommitBuffer(0, 1 << 20);
        Assert.False(buffer.Shrink());

        buffer.Add(new byte[3000], 0, false);
        buffer.Clear();
        Assert.True(buffer.Shrink());
        Assert.False(buffer.Shrink());

        buffer.Add(new byte[100], 1, false);
        Assert.True(buffer.Shrink());
        Assert.Equal(108, buffer.SizeBytes);
        buffer.Clear();
        Assert.False(buffer.Shrink());
    }
}
