using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Node.Translation;

namespace AkkaWal.Node.Kafka;

/// <summary>What a poll asks one key for.</summary>
/// <param name="Index">Which of the poll's keys.</param>
/// <param name="From">The key, and the first message wanted.</param>
/// <param name="MaxMessages">At most so many messages.</param>
/// <param name="MaxBytes">At most so many bytes.</param>
internal readonly record struct PollStep(int Index, KeyOffset From, int MaxMessages, int MaxBytes);

/// <summary>
/// A poll, and what was read for it so far. Its keys share what it may give: each one gets an equal part of what is
/// left when its turn comes, and those that had more to give come again as long as something is left.
/// </summary>
internal sealed class PollProgress
{
    // A key's first message comes whatever its size: so many of the largest ones may come beyond the limit.
    private const int MaxUnderWay = 4;

    private readonly Poll _poll;
    private readonly KeyMessages[] _messages;
    private readonly Queue<(int Index, long Offset)> _waiting;
    private long _messagesLeft;
    private long _bytesLeft;
    private int _underWay;

    /// <param name="poll">What is asked for.</param>
    /// <param name="asker">Who asks.</param>
    /// <param name="settings">What it may give.</param>
    public PollProgress(Poll poll, IActorRef asker, KafkaSettings settings)
    {
        (_poll, Asker) = (poll, asker);
        _messages = [.. poll.From.Select(from => new KeyMessages(from.Key, from.Offset, []))];
        _waiting = new Queue<(int, long)>(poll.From.Select((from, index) => (index, from.Offset)));
        (_messagesLeft, _bytesLeft) = (settings.MaxPollMessages, settings.MaxPollBytes);
    }

    /// <summary>Who polls.</summary>
    public IActorRef Asker { get; }

    /// <summary>The poll's id.</summary>
    public long RequestId => _poll.RequestId;

    /// <summary>Whether it was answered: what comes in now is of no use.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Whether nothing more is to be read for it.</summary>
    public bool IsDone => _underWay == 0 && !HasMore;

    /// <summary>What was read, key by key.</summary>
    public Polled Reply => new(_messages, RequestId);

    private bool HasMore => _waiting.Count > 0 && _messagesLeft > 0 && _bytesLeft > 0;

    /// <summary>What to ask for next, after which <see cref="Take"/> is to follow; false where something must come in
    /// before.</summary>
    public bool TryNext(out PollStep step)
    {
        step = default;
        if (!HasMore || _underWay == MaxUnderWay) return false;
        int messages = ShareOf(_messagesLeft);
        int bytes = ShareOf(_bytesLeft);
        var (index, offset) = _waiting.Dequeue();
        step = new PollStep(index, new KeyOffset(_poll.From[index].Key, offset), messages, bytes);
        _messagesLeft -= messages;
        _bytesLeft -= bytes;
        _underWay++;
        return true;
    }

    /// <summary>Takes what a step has brought.</summary>
    /// <param name="step">The step.</param>
    /// <param name="firstOffset">The offset of the first message.</param>
    /// <param name="json">The messages; none where there are none, or they can't be read behind others that
    /// were.</param>
    /// <param name="isEnd">Whether the key has no more.</param>
    public void Take(PollStep step, long firstOffset, IReadOnlyList<ReadOnlyMemory<byte>> json, bool isEnd)
    {
        Debug.Assert(_underWay > 0, "a step that was not asked for");
        long bytes = json.Sum(message => (long)message.Length);
        _underWay--;
        _messagesLeft += step.MaxMessages - json.Count;
        _bytesLeft += step.MaxBytes - bytes;
        if (json.Count == 0) return;
        var before = _messages[step.Index];
        if (before.Json.Count == 0) _messages[step.Index] = before with { FirstOffset = firstOffset, Json = json };
        // A gap that opened since the last step: what lies behind it is for the next poll.
        else if (firstOffset != step.From.Offset) return;
        else _messages[step.Index] = before with { Json = [.. before.Json, .. json] };

        if (!isEnd) _waiting.Enqueue((step.Index, firstOffset + json.Count));
    }

    /// <summary>Whether something was read for the key of a step: then that is an answer, whatever comes of the
    /// rest.</summary>
    public bool HasSome(PollStep step) => _messages[step.Index].Json.Count > 0;

    private int ShareOf(long left) => (int)((left + _waiting.Count - 1) / _waiting.Count);
}
