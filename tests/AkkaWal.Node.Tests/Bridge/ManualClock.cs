namespace AkkaWal.Node.Tests.Bridge;

/// <summary>A clock that a test sets.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long _ticks;

    /// <summary>Called once, the next time that the clock is read.</summary>
    public Action? WhenLookedAt { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override long GetTimestamp()
    {
        var action = WhenLookedAt;
        WhenLookedAt = null;
        action?.Invoke();
        return Interlocked.Read(ref _ticks);
    }
}
