using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace Akka.Dispatch;

/// <summary>
/// An actor's messages and the right to handle them. Any thread posts; one thread at a time runs.
/// </summary>
/// <remarks>
/// <code>
/// _status:  bit 0      closed: the actor is gone, what arrives goes to dead letters
///           bit 1      scheduled: a thread runs it, or will
///           bits 2..   how many reasons there are not to handle user messages (a failure, an awaited task)
/// </code>
/// A post enqueues first and reads the status afterwards, a run clears `scheduled` first and looks into the queue
/// afterwards: whichever comes second sees the other, so no message is left without a thread. Closing sets the bit first
/// and empties the queue afterwards, for the same reason.
/// </remarks>
internal sealed class Mailbox : IThreadPoolWorkItem
{
    private const int Closed = 1;
    private const int Scheduled = 2;
    private const int SuspendUnit = 4;

    private readonly ActorCell _cell;
    private readonly MessageDispatcher _dispatcher;
    private readonly ConcurrentQueue<Envelope> _queue = new();

    // Unstashed messages, the next one on top. Only the actor itself touches it.
    private Stack<Envelope> _front;

    // System messages, the latest first: whoever takes them reverses them.
    private SystemMessage _system;
    private int _status;

    public Mailbox(ActorCell cell, MessageDispatcher dispatcher)
    {
        _cell = cell;
        _dispatcher = dispatcher;
    }

    public bool IsClosed => (Volatile.Read(ref _status) & Closed) != 0;

    public bool IsSuspended => (Volatile.Read(ref _status) & ~(Closed | Scheduled)) != 0;

    public bool HasMessages => _front is { Count: > 0 } || !_queue.IsEmpty;

    public void Post(object message, IActorRef sender)
    {
        if (message is null)
            throw new InvalidMessageException("null is no message");
        _queue.Enqueue(new Envelope(message, sender));
        var status = Volatile.Read(ref _status);
        if (status == 0)
            Schedule();
        else if ((status & Closed) != 0)
            Drain();
    }

    public void PostSystem(SystemMessage message)
    {
        var head = Volatile.Read(ref _system);
        while (true)
        {
            message.Next = head;
            var seen = Interlocked.CompareExchange(ref _system, message, head);
            if (ReferenceEquals(seen, head))
                break;
            head = seen;
        }

        if (IsClosed)
            DrainSystem();
        else
            Schedule();
    }

    public void PostFirst(Envelope envelope) => (_front ??= new Stack<Envelope>()).Push(envelope);

    public void SuspendUser() => Interlocked.Add(ref _status, SuspendUnit);

    /// <summary>Only from the actor's own thread, whose run looks for work again when it ends.</summary>
    public void ResumeUser()
    {
        if (IsSuspended)
            Interlocked.Add(ref _status, -SuspendUnit);
    }

    /// <summary>Everything that is still here, and everything that comes later, is a dead letter.</summary>
    public void Close()
    {
        Interlocked.Or(ref _status, Closed);
        while (_front is { Count: > 0 } front)
            _cell.ToDeadLetters(front.Pop());
        DrainSystem();
        Drain();
    }

    public SystemMessage TakeSystemMessages()
    {
        if (Volatile.Read(ref _system) is null)
            return null;
        var newestFirst = Interlocked.Exchange(ref _system, null);
        SystemMessage oldestFirst = null;
        while (newestFirst is not null)
        {
            var next = newestFirst.Next;
            newestFirst.Next = oldestFirst;
            oldestFirst = newestFirst;
            newestFirst = next;
        }

        return oldestFirst;
    }

    [SuppressMessage("Design", "CA1031", Justification = "the thread belongs to all actors")]
    void IThreadPoolWorkItem.Execute()
    {
        var outer = ActorCell.Current;
        ActorCell.Current = _cell;
        var left = false;
        try
        {
            _cell.HandleSystemMessages();
            var budget = _dispatcher.Throughput;
            var deadline = _dispatcher.ThroughputDeadlineTime;
            var startedAt = deadline is null ? 0 : Stopwatch.GetTimestamp();
            while (budget-- > 0 && (_status & ~Scheduled) == 0 && TryTake(out var envelope))
            {
                _cell.Invoke(envelope);
                if (Volatile.Read(ref _system) is not null)
                    _cell.HandleSystemMessages();
                if (deadline is { } ticks && Stopwatch.GetElapsedTime(startedAt).Ticks >= ticks)
                    break;
            }
        }
        finally
        {
            left = _front is { Count: > 0 };
            ActorCell.Current = outer;
            Interlocked.And(ref _status, ~Scheduled);
        }

        var status = Volatile.Read(ref _status);
        if ((status & Closed) == 0 && (Volatile.Read(ref _system) is not null || (status < SuspendUnit && (left || !_queue.IsEmpty))))
            Schedule();
    }

    private bool TryTake(out Envelope envelope) =>
        (_front is { Count: > 0 } front && front.TryPop(out envelope)) || _queue.TryDequeue(out envelope);

    private void Schedule()
    {
        var status = Volatile.Read(ref _status);
        while ((status & (Closed | Scheduled)) == 0)
        {
            var seen = Interlocked.CompareExchange(ref _status, status | Scheduled, status);
            if (seen == status)
            {
                _dispatcher.Execute(this);
                return;
            }

            status = seen;
        }
    }

    private void Drain()
    {
        while (_queue.TryDequeue(out var envelope))
            _cell.ToDeadLetters(envelope);
    }

    private void DrainSystem()
    {
        for (var message = TakeSystemMessages(); message is not null; message = message.Next)
            DeadLetterActorRef.AnswerWatch(message);
    }
}
