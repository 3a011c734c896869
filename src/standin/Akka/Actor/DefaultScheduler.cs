using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// One thread and a heap by due time; what is due at the same time goes in the order in which it was scheduled. The
/// thread starts with the first item. A cancelled item leaves the heap when it is due.
/// </summary>
internal sealed class DefaultScheduler : IScheduler, IAdvancedScheduler, IDisposable
{
    private readonly object _gate = new();
    private readonly PriorityQueue<Item, (long Due, long Order)> _queue = new();
    private readonly ILoggingAdapter _log;
    private Thread _thread;
    private long _order;
    private bool _stopped;

    public DefaultScheduler(ILoggingAdapter log) => _log = log;

    public IAdvancedScheduler Advanced => this;

    public DateTimeOffset Now => DateTimeOffset.Now;

    public TimeSpan MonotonicClock => TimeSpan.FromMilliseconds(Environment.TickCount64);

    public TimeSpan HighResMonotonicClock => Stopwatch.GetElapsedTime(0);

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender) =>
        ScheduleTellOnce(delay, receiver, message, sender, null);

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(delay, new Item(null, receiver, message, sender, cancelable, 0));

    public void ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender) =>
        ScheduleTellRepeatedly(initialDelay, interval, receiver, message, sender, null);

    public void ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(initialDelay, new Item(null, receiver, message, sender, cancelable, Positive(interval)));

    public void ScheduleOnce(TimeSpan delay, Action action) => ScheduleOnce(delay, action, null);

    public void ScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) =>
        Add(delay, new Item(action, null, null, null, cancelable, 0));

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action) =>
        ScheduleRepeatedly(initialDelay, interval, action, null);

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Add(initialDelay, new Item(action, null, null, null, cancelable, Positive(interval)));

    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            _queue.Clear();
            Monitor.Pulse(_gate);
        }
    }

    private static long Positive(TimeSpan interval) =>
        interval > TimeSpan.Zero ? Ticks(interval) : throw new ArgumentOutOfRangeException(nameof(interval), $"{interval} is not longer than zero");

    private static long Ticks(TimeSpan span) => Math.Max(1, (long)(span.TotalSeconds * Stopwatch.Frequency));

    private void Add(TimeSpan delay, Item item)
    {
        if (delay < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(delay), $"{delay} is shorter than zero");
        if (item.IsCancelled)
            return;
        var due = Stopwatch.GetTimestamp() + Ticks(delay);
        lock (_gate)
        {
            if (_stopped)
                throw new SchedulerException("the scheduler has stopped");
            Enqueue(item, due);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "akka-scheduler" };
                _thread.UnsafeStart();
            }
            else if (_queue.Peek() == item)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    private void Enqueue(Item item, long due)
    {
        item.Due = due;
        _queue.Enqueue(item, (due, _order++));
    }

    private void Run()
    {
        while (WaitForNext() is { } item)
        {
            if (item.IsCancelled)
                continue;
            Fire(item);
            if (item.Interval == 0 || item.IsCancelled)
                continue;
            lock (_gate)
            {
                if (!_stopped)
                    Enqueue(item, item.Due + item.Interval);
            }
        }
    }

    private Item WaitForNext()
    {
        lock (_gate)
        {
            while (!_stopped)
            {
                if (!_queue.TryPeek(out var item, out var at))
                {
                    Monitor.Wait(_gate);
                    continue;
                }

                var left = at.Due - Stopwatch.GetTimestamp();
                if (left <= 0)
                    return _queue.Dequeue();
                var milliseconds = (left * 1000 / Stopwatch.Frequency) + 1;
                Monitor.Wait(_gate, (int)Math.Min(milliseconds, int.MaxValue));
            }

            return null;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "one action must not end the clock of all")]
    private void Fire(Item item)
    {
        try
        {
            if (item.Action is not null)
                item.Action();
            else
                item.Receiver.Tell(item.Message, item.Sender);
        }
        catch (Exception e)
        {
            _log.Error(e, "A scheduled action or its receiver threw");
        }
    }

    private sealed class Item(Action action, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable, long interval)
    {
        public Action Action => action;

        public ICanTell Receiver => receiver;

        public object Message => message;

        public IActorRef Sender => sender;

        public bool IsCancelled => cancelable is { IsCancellationRequested: true };

        public long Interval => interval;

        public long Due { get; set; }
    }
}
