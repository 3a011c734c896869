namespace Akka.Actor;

public interface ITimerScheduler
{
    IReadOnlyCollection<object> ActiveTimers { get; }

    bool IsTimerActive(object key);

    void StartSingleTimer(object key, object msg, TimeSpan timeout);

    void StartSingleTimer(object key, object msg, TimeSpan timeout, IActorRef sender);

    void StartPeriodicTimer(object key, object msg, TimeSpan interval);

    void StartPeriodicTimer(object key, object msg, TimeSpan interval, IActorRef sender);

    void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval);

    void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval, IActorRef sender);

    void Cancel(object key);

    void CancelAll();
}

public interface IWithTimers
{
    ITimerScheduler Timers { get; set; }
}

/// <summary>What a timer puts into the mailbox; the actor gets <see cref="Message"/> out of it, if the timer still stands.</summary>
internal sealed class TimerMessage(TimerScheduler owner, object key, object message, bool repeats)
{
    public TimerScheduler Owner => owner;

    public object Key => key;

    public object Message => message;

    public bool Repeats => repeats;

    public override string ToString() => $"Timer({key}, {message})";
}

/// <summary>
/// The timers of one instance of an actor. A timer is its message object: one that is cancelled, started anew, or of an
/// instance before a restart is not in the table any more, and what it has in the mailbox is dropped there.
/// </summary>
internal sealed class TimerScheduler(ActorCell cell) : ITimerScheduler
{
    private readonly Dictionary<object, (TimerMessage Timer, ICancelable Task)> _timers = new();

    public IReadOnlyCollection<object> ActiveTimers => _timers.Keys;

    public bool IsTimerActive(object key) => _timers.ContainsKey(key);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout) =>
        StartSingleTimer(key, msg, timeout, ActorRefs.NoSender);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout, IActorRef sender)
    {
        Cancel(key);
        var timer = new TimerMessage(this, key, msg, repeats: false);
        _timers[key] = (timer, cell.System.Scheduler.ScheduleTellOnceCancelable(timeout, cell.Self, timer, sender));
    }

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval) =>
        StartPeriodicTimer(key, msg, interval, interval, ActorRefs.NoSender);

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval, IActorRef sender) =>
        StartPeriodicTimer(key, msg, interval, interval, sender);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval) =>
        StartPeriodicTimer(key, msg, initialDelay, interval, ActorRefs.NoSender);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval, IActorRef sender)
    {
        Cancel(key);
        var timer = new TimerMessage(this, key, msg, repeats: true);
        _timers[key] = (timer, cell.System.Scheduler.ScheduleTellRepeatedlyCancelable(initialDelay, interval, cell.Self, timer, sender));
    }

    public void Cancel(object key)
    {
        if (_timers.Remove(key, out var active))
            active.Task.Cancel();
    }

    public void CancelAll()
    {
        foreach (var active in _timers.Values)
            active.Task.Cancel();
        _timers.Clear();
    }

    public bool Accept(TimerMessage timer, out object message)
    {
        message = timer.Message;
        if (!_timers.TryGetValue(timer.Key, out var active) || !ReferenceEquals(active.Timer, timer))
            return false;
        if (!timer.Repeats)
            _timers.Remove(timer.Key);
        return true;
    }
}
