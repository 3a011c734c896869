using System.Diagnostics;

namespace AkkaWal.Storage.Tests;

/// <summary>When a commit waits for writers that were just answered, with made-up times.</summary>
public sealed class CommitDelaySpec
{
    private static readonly TimeSpan Sync = TimeSpan.FromMilliseconds(2);
    private readonly CommitDelay _delay = new();

    private static long At(double microseconds) => (long)(microseconds / 1e6 * Stopwatch.Frequency);

    [Fact]
    public void First_commit_should_not_wait() => Assert.False(_delay.IsWorthIt(staged: 1, At(0)));

    [Fact]
    public void Writer_alone_should_not_wait()
    {
        _delay.Begin(answered: 1, staged: 0, Sync, At(0));
        Assert.False(_delay.IsWorthIt(staged: 1, At(1)));
    }

    [Fact]
    public void Wait_should_end_when_everybody_who_was_answered_has_come_again()
    {
        _delay.Begin(answered: 3, staged: 2, Sync, At(0));
        Assert.True(_delay.IsWorthIt(staged: 2, At(10)));
        Assert.True(_delay.IsWorthIt(staged: 4, At(20)));
        Assert.False(_delay.IsWorthIt(staged: 5, At(30)));
    }

    [Fact]
    public void Wait_should_end_when_nobody_comes_for_a_while_and_each_who_comes_should_renew_it()
    {
        _delay.Begin(answered: 100, staged: 0, Sync, At(0));
        Assert.True(_delay.IsWorthIt(staged: 1, At(150)));
        Assert.True(_delay.IsWorthIt(staged: 1, At(345)));
        Assert.True(_delay.IsWorthIt(staged: 2, At(345)));
        Assert.True(_delay.IsWorthIt(staged: 2, At(540)));
        Assert.False(_delay.IsWorthIt(staged: 2, At(550)));
    }

    [Fact]
    public void Wait_should_end_after_as_long_as_a_sync_however_many_come()
    {
        _delay.Begin(answered: 1000, staged: 0, Sync, At(0));
        var arrived = 0;
        for (var at = 20; at < 2000; at += 20) Assert.True(_delay.IsWorthIt(++arrived, At(at)));
        Assert.False(_delay.IsWorthIt(++arrived, At(2000)));
    }

    [Fact]
    public void Commit_should_have_everybody_when_those_who_were_answered_are_back_and_nobody_came_meanwhile()
    {
        Assert.False(_delay.IsComplete(committed: 1));
        _delay.Begin(answered: 3, staged: 0, Sync, At(0));
        Assert.False(_delay.IsComplete(committed: 2));
        Assert.True(_delay.IsComplete(committed: 3));
        Assert.True(_delay.IsComplete(committed: 4));
        _delay.Begin(answered: 3, staged: 1, Sync, At(0));
        Assert.False(_delay.IsComplete(committed: 4));
    }
}
