using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Node.Kafka.Messages;

namespace AkkaWal.Node.Kafka;

/// <summary>
/// A poll, and what was read for it so far. Its keys share the limits: each key gets an equal part of what is left when
/// its turn comes. Keys with more messages get another turn as long as something is left.
/// </summary>
internal sealed class PollProgress
{
    // The first message of a key comes whatever its size. This bounds how many large ones can exceed the limit.
    private const int MaxUnderWay = 4;

    private readonly Poll _poll;
    private readonly KeyMessages[] _messages;
    private readonly Queue<(int Index, long Offset)> _waiting;
    private long _messagesLeft;
    private long _bytesLeft;
    private int _underWay;

    /// <param name="poll">The poll.</param>
    /// <param name="asker">The actor that gets the answer.</param>
    /// <param name="settings">The limits.</param>
    public PollProgress(Poll poll, IActorRef asker, KafkaSettings settings)
    {
        (_poll, Asker) = (poll, asker);
        _messages = [.. poll.From.Select(from => new KeyMessages(from.Key, from.Offset, []))];
        _waiting = new Queue<(int, long)>(poll.From.Select((from, index) => (index, from.Offset)));
        (_messagesLeft, _bytesLeft) = (settings.MaxPollMessages, settings.MaxPollBytes);
    }

    /// <summary>The actor that gets the answer.</summary>
    public IActorRef Asker { get; }

    /// <summary>The poll's id.</summary>
    public long RequestId => _poll.RequestId;

    /// <summary>Whether the poll was answered. Later reads are then dropped.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Whether nothing more has to be read.</summary>
    public bool IsDone => _underWay == 0 && !HasMore;

    /// <summary>What was read, by key.</summary>
    public Polled Reply => new(_messages, RequestId);

    private bool HasMore => _waiting.Count > 0 && _messagesLeft > 0 && _bytesLeft > 0;

    /// <summary>
    /// The next read to begin; <see cref="Add"/> must follow. False where a read that is under way must end first.
    /// </summary>
    public bool TryNext(out PollStep step)
    {
        step = default;
        if (!HasMore || _underWay == MaxUnderWay) return false;
        var messages = ShareOf(_messagesLeft);
        var bytes = ShareOf(_bytesLeft);
        var (index, offset) = _waiting.Dequeue();
        step = new PollStep(index, new KeyOffset(_poll.From[index].Key, offset), messages, bytes);
        _messagesLeft -= messages;
        _bytesLeft -= bytes;
        _underWay++;
        return true;
    }

    /// <summary>Adds the result of a read.</summary>
    /// <param name="step">The step.</param>
    /// <param name="firstOffset">The offset of the first message.</param>
    /// <param name="json">The messages; empty where there are none, and where a later read of the key failed.</param>
    /// <param name="isEnd">Whether the key has no more messages.</param>
    public void Add(PollStep step, long firstOffset, IReadOnlyList<ReadOnlyMemory<byte>> json, bool isEnd)
    {
        Debug.Assert(_underWay > 0, "a step that was not asked for");
        var bytes = json.Sum(message => (long)message.Length);
        _underWay--;
        _messagesLeft += step.MaxMessages - json.Count;
        _bytesLeft += step.MaxBytes - bytes;
        if (json.Count == 0) return;
        var before = _messages[step.Index];
        if (before.Json.Count == 0) _messages[step.Index] = before with { FirstOffset = firstOffset, Json = json };
        // A gap opened since the last read. The messages behind it are left to the next poll.
        else if (firstOffset != step.From.Offset) return;
        else _messages[step.Index] = before with { Json = [.. before.Json, .. json] };

        if (!isEnd) _waiting.Enqueue((step.Index, firstOffset + json.Count));
    }

    /// <summary>Whether messages were read for a key. They are an answer even where a later read fails.</summary>
    public bool HasSome(PollStep step) => _messages[step.Index].Json.Count > 0;

    private int ShareOf(long left) => (int)((left + _waiting.Count - 1) / _waiting.Count);
}
