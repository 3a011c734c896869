namespace AkkaWal.Tests;

/// <summary>A clock that a test sets.</summary>
internal sealed class ManualClock : TimeProvider
{
    public DateTimeOffset Wall { get; set; } = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    public TimeSpan Elapsed { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Wall;

    public override long GetTimestamp() => Elapsed.Ticks;

    public void Advance(TimeSpan time) => (Wall, Elapsed) = (Wall + time, Elapsed + time);
}
