using AkkaWal.Cluster.Entity;
using AkkaWal.Tests;

namespace AkkaWal.Cluster.Tests;

/// <summary>When a log that takes no appends after a failure is opened again.</summary>
public sealed class ReopeningsSpec
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualClock _clock = new();
    private readonly Reopenings _reopenings;

    public ReopeningsSpec() => _reopenings = new Reopenings(_clock);

    [Fact]
    public void Pause_should_double_up_to_the_longest_while_the_log_fails_again()
    {
        int[] pauses = [.. Enumerable.Range(0, 9).Select(_ => SecondsUntilReopened())];
        Assert.Equal([5, 10, 20, 40, 80, 160, 300, 300, 300], pauses);
    }

    [Fact]
    public void Pause_should_be_the_first_one_again_after_the_log_was_healthy_for_the_longest()
    {
        for (var i = 0; i < 4; i++) SecondsUntilReopened();
        _clock.Advance(Reopenings.LongestPause - Second);
        _reopenings.NoteHealthy();
        // The pause of 80 s is over.
        Assert.True(_reopenings.TryReopen());
        Assert.Equal(160, SecondsUntilReopened());

        _clock.Advance(Reopenings.LongestPause);
        _reopenings.NoteHealthy();
        Assert.True(_reopenings.TryReopen());
        Assert.Equal(10, SecondsUntilReopened());
    }

    [Fact]
    public void Pause_should_begin_with_each_opening()
    {
        _clock.Advance(4 * Second);
        _reopenings.NoteOpening();
        Assert.Equal(5, SecondsUntilReopened());
    }

    private int SecondsUntilReopened()
    {
        for (var seconds = 0; ; seconds++, _clock.Advance(Second))
            if (_reopenings.TryReopen()) return seconds;
    }
}
