using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Akka.Actor;

namespace Akka.TestKit;

public abstract class MessageEnvelope
{
    public abstract object Message { get; }

    public abstract IActorRef Sender { get; }
}

public class RealMessageEnvelope : MessageEnvelope
{
    public RealMessageEnvelope(object message, IActorRef sender)
    {
        Message = message;
        Sender = sender;
    }

    public override object Message { get; }

    public override IActorRef Sender { get; }

    public override string ToString() => $"<{Message ?? "null"}> from {Sender?.ToString() ?? "NoSender"}";
}

/// <summary>What a test actor got and the test has not looked at yet.</summary>
[SuppressMessage("Design", "CA1001", Justification = "the semaphore has no handle as long as nobody asks for one")]
internal sealed class MessageQueue
{
    private readonly ConcurrentQueue<MessageEnvelope> _queue = new();
    private readonly SemaphoreSlim _available = new(0);

    public bool HasMessages => !_queue.IsEmpty;

    public void Add(MessageEnvelope envelope)
    {
        _queue.Enqueue(envelope);
        _available.Release();
    }

    /// <summary>Null where none comes within the time.</summary>
    public MessageEnvelope Take(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (!_available.Wait(limit, cancellationToken))
            return null;
        _queue.TryDequeue(out var envelope);
        return envelope;
    }

    public async ValueTask<MessageEnvelope> TakeAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (!await _available.WaitAsync(limit, cancellationToken))
            return null;
        _queue.TryDequeue(out var envelope);
        return envelope;
    }
}
