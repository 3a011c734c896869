using System.Text;
using System.Text.Json;
using AkkaWal.Node.Translation;

namespace AkkaWal.Node.Kafka;

/// <summary>
/// How far the consumers of each key have come. Never moves back. A record of its log is a JSON object with keys and
/// their offsets: those that a commit moved on, or, in a snapshot, all of them. To read the log from its start is to
/// have the offsets again, in whatever order and however often.
/// </summary>
internal sealed class CommittedOffsets
{
    // What a key and its offset take in memory besides the key's characters, and more than its offset takes in a
    // record.
    private const int BytesPerKey = 64;
    private const int SnapshotRecordBytes = 256 << 10;

    private readonly Dictionary<string, long> _offsets = new(StringComparer.Ordinal);

    /// <summary>About what the offsets take: in memory, and in a snapshot at most.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Those that would move on.</summary>
    public IReadOnlyList<KeyOffset> Ahead(IReadOnlyList<KeyOffset> offsets)
    {
        var ahead = new List<KeyOffset>();
        foreach (var entry in offsets)
        {
            if (!_offsets.TryGetValue(entry.Key, out long committed) || entry.Offset > committed) ahead.Add(entry);
        }

        return ahead;
    }

    /// <summary>What the keys among these that have no offset yet would take.</summary>
    public long NewBytesOf(IReadOnlyList<KeyOffset> offsets) =>
        offsets.Where(entry => !_offsets.ContainsKey(entry.Key)).Sum(entry => (long)SizeOf(entry.Key));

    /// <summary>Moves on to where it is not yet.</summary>
    public void Advance(IReadOnlyList<KeyOffset> offsets)
    {
        foreach (var entry in offsets)
        {
            if (!_offsets.TryGetValue(entry.Key, out long committed)) SizeBytes += SizeOf(entry.Key);
            else if (entry.Offset <= committed) continue;
            _offsets[entry.Key] = entry.Offset;
        }
    }

    /// <summary>The offsets of those keys that have one.</summary>
    public IReadOnlyList<KeyOffset> Of(IReadOnlyList<string> keys)
    {
        var found = new List<KeyOffset>();
        foreach (string key in keys.Distinct(StringComparer.Ordinal))
        {
            if (_offsets.TryGetValue(key, out long offset)) found.Add(new KeyOffset(key, offset));
        }

        return found;
    }

    /// <summary>All offsets, as records.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Snapshot()
    {
        var records = new List<ReadOnlyMemory<byte>>();
        var part = new List<KeyOffset>();
        long partBytes = 0;
        foreach (var (key, offset) in _offsets)
        {
            part.Add(new KeyOffset(key, offset));
            partBytes += SizeOf(key);
            if (partBytes < SnapshotRecordBytes) continue;
            records.Add(Encode(part));
            part.Clear();
            partBytes = 0;
        }

        if (part.Count > 0) records.Add(Encode(part));
        return records;
    }

    /// <summary>A commit as a record.</summary>
    public static ReadOnlyMemory<byte> Encode(IReadOnlyList<KeyOffset> offsets)
    {
        var writer = new ReplyWriter(new byte[256]);
        writer.Begin("{"u8);
        foreach (var entry in offsets)
        {
            writer.TextKey(entry.Key);
            writer.Integer(entry.Offset);
        }

        writer.End("}"u8);
        var written = writer.Take([]);
        return written.Bytes.AsMemory(0, written.LengthBytes);
    }

    /// <summary>A record as a commit.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static IReadOnlyList<KeyOffset> Decode(ReadOnlySpan<byte> record)
    {
        var offsets = new List<KeyOffset>();
        var reader = new Utf8JsonReader(record);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("it is no object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long offset))
                throw new JsonException($"the offset of {key} is no integer");
            offsets.Add(new KeyOffset(key, offset));
        }

        return offsets;
    }

    private static int SizeOf(string key) => Encoding.UTF8.GetByteCount(key) + BytesPerKey;
}
