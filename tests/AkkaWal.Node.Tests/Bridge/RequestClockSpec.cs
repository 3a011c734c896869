using AkkaWal.Node.Bridge.Setup;

namespace AkkaWal.Node.Tests.Bridge;

public class RequestClockSpec
{
    private static readonly TimeSpan Beat = RequestClock.BeatInterval;

    private readonly ManualClock _machine = new();
    private readonly RequestClock _clock;

    public RequestClockSpec() => _clock = new RequestClock(_machine);

    [Fact]
    public void Time_should_go_on_with_the_machines_between_and_over_beats()
    {
        Assert.Equal(0, _clock.Now);
        _machine.Advance(Beat);
        Assert.Equal(Beat.Ticks, _clock.Now);
        _clock.Beat();
        _machine.Advance(3 * Beat);
        Assert.Equal(4 * Beat.Ticks, _clock.Now);
    }

    [Fact]
    public void Long_gap_between_beats_should_count_as_a_short_one()
    {
        _machine.Advance(TimeSpan.FromDays(1));
        var after = _clock.Now;
        Assert.InRange(after, Beat.Ticks, TimeSpan.TicksPerSecond);
        _clock.Beat();
        Assert.Equal(after, _clock.Now);
    }

    [Fact]
    public void Time_should_stand_still_while_it_is_paused()
    {
        _machine.Advance(Beat);
        _clock.Pause(true);
        for (var count = 0; count < 100; count++)
        {
            _machine.Advance(Beat);
            _clock.Beat();
        }

        Assert.Equal(Beat.Ticks, _clock.Now);
        _clock.Pause(false);
        _machine.Advance(Beat);
        Assert.Equal(2 * Beat.Ticks, _clock.Now);
    }

    [Fact]
    public void Beat_should_tell_when_the_time_has_come()
    {
        _machine.Advance(Beat);
        Assert.False(_clock.Beat());
        _clock.WakeAt = 2 * Beat.Ticks;
        Assert.False(_clock.Beat());
        _machine.Advance(Beat);
        Assert.True(_clock.Beat());
        _clock.WakeAt = long.MaxValue;
        Assert.False(_clock.Beat());
    }
}
