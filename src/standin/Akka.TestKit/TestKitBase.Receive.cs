using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    public TimeSpan Remaining => _end is { } end ? Max(end - Now, TimeSpan.Zero)
        : throw new InvalidOperationException("There is a remaining time inside of Within only");

    public TimeSpan RemainingOrDefault => _end is null ? Dilated(TestKitSettings.SingleExpectDefault) : Remaining;

    public TimeSpan Dilated(TimeSpan duration) => duration * TestKitSettings.TestTimeFactor;

    public TimeSpan RemainingOrDilated(TimeSpan? duration) => duration is null ? RemainingOrDefault : Dilated(duration.Value);

    public object ReceiveOne(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        TryReceiveOne(out var envelope, max, cancellationToken) ? envelope.Message : null;

    public async ValueTask<object> ReceiveOneAsync(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        (await TakeAsync(max ?? RemainingOrDefault, cancellationToken))?.Message;

    public bool TryReceiveOne(out MessageEnvelope envelope, TimeSpan? max = null, CancellationToken cancellationToken = default)
    {
        envelope = Take(max ?? RemainingOrDefault, cancellationToken);
        return envelope is not null;
    }

    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, CancellationToken cancellationToken = default) =>
        ReceiveN(numberOfMessages, RemainingOrDefault, cancellationToken);

    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, TimeSpan max, CancellationToken cancellationToken = default)
    {
        var end = Now + Dilated(max);
        var messages = new List<object>();
        while (messages.Count < numberOfMessages)
        {
            var envelope = Take(end - Now, cancellationToken);
            if (envelope is null)
                _assertions.Fail("Of {1} messages {2} came within {0}", max, numberOfMessages, messages.Count);
            messages.Add(envelope.Message);
        }

        return messages;
    }

    /// <summary>What does not match is dropped.</summary>
    public object FishForMessage(Predicate<object> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        FishForMessage<object>(isMessage, max, hint, cancellationToken);

    public T FishForMessage<T>(Predicate<T> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default)
    {
        var limit = RemainingOrDilated(max);
        var end = Now + limit;
        while (true)
        {
            var envelope = Take(end - Now, cancellationToken);
            if (envelope is null)
                _assertions.Fail("No message to fish for came within {0}{1}", limit, string.IsNullOrEmpty(hint) ? "" : ", hint: " + hint);
            if (envelope.Message is T message && isMessage(message))
                return message;
        }
    }

    public async ValueTask<T> FishForMessageAsync<T>(Predicate<T> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default)
    {
        var limit = RemainingOrDilated(max);
        var end = Now + limit;
        while (true)
        {
            var envelope = await TakeAsync(end - Now, cancellationToken);
            if (envelope is null)
                _assertions.Fail("No message to fish for came within {0}{1}", limit, string.IsNullOrEmpty(hint) ? "" : ", hint: " + hint);
            if (envelope.Message is T message && isMessage(message))
                return message;
        }
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    // A limit of zero or less still takes what is there.
    private MessageEnvelope Take(TimeSpan limit, CancellationToken cancellationToken)
    {
        var envelope = _queue.Take(limit == Timeout.InfiniteTimeSpan ? limit : Max(limit, TimeSpan.Zero), cancellationToken);
        return Remember(envelope);
    }

    private async ValueTask<MessageEnvelope> TakeAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var envelope = await _queue.TakeAsync(limit == Timeout.InfiniteTimeSpan ? limit : Max(limit, TimeSpan.Zero), cancellationToken);
        return Remember(envelope);
    }

    private MessageEnvelope Remember(MessageEnvelope envelope)
    {
        if (envelope is not null)
            _last = envelope;
        return envelope;
    }
}
