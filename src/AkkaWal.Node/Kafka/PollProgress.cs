using Akka.Actor;
using AkkaWal.Node.Translation;

namespace AkkaWal.Node.Kafka;

/// <summary>A poll, and what was read for it so far.</summary>
internal sealed class PollProgress(Poll poll, IActorRef asker)
{
    private readonly List<KeyMessages> _messages = [];

    /// <summary>Who polls.</summary>
    public IActorRef Asker => asker;

    /// <summary>The poll's id.</summary>
    public long RequestId => poll.RequestId;

    /// <summary>What was read, key by key.</summary>
    public IReadOnlyList<KeyMessages> Messages => _messages;

    /// <summary>How many messages were read.</summary>
    public int MessageCount { get; private set; }

    /// <summary>Their bytes.</summary>
    public long ByteCount { get; private set; }

    /// <summary>The key that is next; null after the last one.</summary>
    public KeyOffset? Next => _messages.Count < poll.From.Count ? poll.From[_messages.Count] : null;

    /// <summary>The share of the next key in something that is left for it and those behind it.</summary>
    public int ShareOf(long left) => (int)((left + poll.From.Count - _messages.Count - 1) / (poll.From.Count - _messages.Count));

    /// <summary>Notes what was read for the next key.</summary>
    public void Add(KeyOffset from, IReadOnlyList<ReadOnlyMemory<byte>> json)
    {
        _messages.Add(new KeyMessages(from.Key, from.Offset, json));
        MessageCount += json.Count;
        foreach (var message in json) ByteCount += message.Length;
    }
}
