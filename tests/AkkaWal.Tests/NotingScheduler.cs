using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace AkkaWal.Tests;

/// <summary>Akka.NET's own scheduler, with a list of its calls.</summary>
public sealed class NotingScheduler(Config config, ILoggingAdapter log) : SchedulerBase(config, log), IDisposable
{
    private readonly IScheduler _inner = new HashedWheelTimerScheduler(config, log);

    /// <summary>The messages that are sent repeatedly: their receivers and intervals.</summary>
    public ConcurrentBag<(IActorRef To, TimeSpan Interval)> Repeated { get; } = [];

    /// <summary>The receivers of messages that are sent once, after a delay.</summary>
    public ConcurrentBag<IActorRef> Once { get; } = [];

    public override TimeSpan MonotonicClock => _inner.MonotonicClock;

    public override TimeSpan HighResMonotonicClock => _inner.HighResMonotonicClock;

    protected override DateTimeOffset TimeNow => DateTimeOffset.UtcNow;

    public void Dispose() => ((IDisposable)_inner).Dispose();

    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message,
        IActorRef sender, ICancelable cancelable)
    {
        Repeated.Add(((IActorRef)receiver, interval));
        _inner.ScheduleTellRepeatedly(initialDelay, interval, receiver, message, sender, cancelable);
    }

    protected override void InternalScheduleTellOnce(
        TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable)
    {
        if (receiver is IActorRef actor) Once.Add(actor);
        _inner.ScheduleTellOnce(delay, receiver, message, sender, cancelable);
    }

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) =>
        _inner.Advanced.ScheduleOnce(delay, action, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) =>
        _inner.Advanced.ScheduleOnce(delay, action, cancelable);

    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        _inner.Advanced.ScheduleRepeatedly(initialDelay, interval, action, cancelable);

    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        _inner.Advanced.ScheduleRepeatedly(initialDelay, interval, action, cancelable);
}
