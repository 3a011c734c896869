using AkkaWal.Storage.Tail;

namespace AkkaWal.Storage.Tests.Tail;

/// <summary>The guard that says that one thread at a time uses the writer.</summary>
public sealed class ExclusiveUseSpec
{
    private readonly ExclusiveUse _use = new();

    [Fact]
    public void Second_thread_should_be_noticed_during_a_use_and_not_after_it()
    {
        Assert.True(_use.TryEnter());
        Assert.False(IsFreeElsewhere());
        Assert.True(_use.TryEnter());
        Assert.False(IsFreeElsewhere());
        _use.Leave();
        Assert.False(IsFreeElsewhere());
        _use.Leave();
        Assert.True(IsFreeElsewhere());
        Assert.True(_use.TryEnter());
        Assert.False(IsFreeElsewhere());
    }

    private bool IsFreeElsewhere()
    {
        var isFree = false;
        var thread = new Thread(() =>
        {
            isFree = _use.TryEnter();
            if (isFree) _use.Leave();
        });
        thread.Start();
        thread.Join();
        return isFree;
    }
}
