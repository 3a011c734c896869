using AkkaWal.Node.Kafka.Messages;

namespace AkkaWal.Node.Kafka.Keys;

/// <summary>
/// Caches the ends of closed logs, which do not change, and the messages of those that have few. Repeated polls of many
/// keys then cost no file access for keys without new messages. Owned by one actor.
/// </summary>
internal sealed class ClosedKeys
{
    private const int MaxKeys = 1 << 16;
    private const int MaxKeyBytes = 2 << 10;
    private const int MaxKeyMessages = 64;
    private const long MaxBytes = 8 << 20;

    // The memory that a message takes in addition to its bytes.
    private const int BytesPerMessage = 48;

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byUse = new();
    private long _bytes;

    /// <summary>Answers a read as <see cref="ClosedLogReader"/> would; false if that must be asked.</summary>
    public bool TryRead(string folder, in PollStep step, out ClosedRead read)
    {
        read = null!;
        if (!_entries.TryGetValue(folder, out var entry)) return false;
        var from = step.From.Offset;
        if (from >= entry.End) read = new ClosedRead(from, [], entry.End, 0);
        else if (from >= entry.From && from < entry.First + entry.Messages.Count) read = Slice(entry, from, step);
        if (read is null) return false;
        _byUse.Remove(entry.Place);
        _byUse.AddLast(entry.Place);
        return true;
    }

    /// <summary>Keeps the result of a read of a key from an offset on.</summary>
    public void Note(string folder, long from, ClosedRead read)
    {
        Forget(folder);
        var isSmall = read.Payloads.Count <= MaxKeyMessages
            && read.Payloads.Sum(message => (long)message.Length) <= MaxKeyBytes;
        var entry = new Entry(folder, from, read.FirstOffset, isSmall ? read.Payloads : [], read.EndOffset);
        _entries.Add(folder, entry);
        _byUse.AddLast(entry.Place);
        _bytes += entry.Bytes;
        while (_entries.Count > MaxKeys || _bytes > MaxBytes) Forget(_byUse.First!.Value.Folder);
    }

    /// <summary>Drops a key. To be called before its log is opened, because it can then change.</summary>
    public void Forget(string folder)
    {
        if (!_entries.Remove(folder, out var entry)) return;
        _byUse.Remove(entry.Place);
        _bytes -= entry.Bytes;
    }

    private static ClosedRead Slice(Entry entry, long from, in PollStep step)
    {
        var skipped = (int)Math.Max(0, from - entry.First);
        long bytesLeft = step.MaxBytes;
        var count = 0;
        while (skipped + count < entry.Messages.Count && count < step.MaxMessages)
        {
            bytesLeft -= entry.Messages[skipped + count].Length;
            if (bytesLeft < 0 && count > 0) break;
            count++;
        }

        return new ClosedRead(entry.First + skipped, [.. entry.Messages.Skip(skipped).Take(count)], entry.End, 0);
    }

    // The result of a read from From on, which starts at First. The offsets between the two were deleted.
    private sealed class Entry
    {
        public Entry(string folder, long from, long first, IReadOnlyList<ReadOnlyMemory<byte>> messages, long end)
        {
            (Folder, From, First, Messages, End) = (folder, from, first, messages, end);
            Place = new LinkedListNode<Entry>(this);
            Bytes = messages.Sum(message => (long)message.Length + BytesPerMessage);
        }

        public string Folder { get; }

        public long From { get; }

        public long First { get; }

        public IReadOnlyList<ReadOnlyMemory<byte>> Messages { get; }

        public long End { get; }

        public long Bytes { get; }

        public LinkedListNode<Entry> Place { get; }
    }
}
