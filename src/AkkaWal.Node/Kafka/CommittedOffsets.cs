using System.Text;
using System.Text.Json;
using AkkaWal.Node.Json;
using AkkaWal.Node.Kafka.Messages;

namespace AkkaWal.Node.Kafka;

/// <summary>
/// The committed offset of each key. It never goes back. A record of the log is a JSON object of keys and offsets:
/// those that a commit raised, or all of them in a snapshot. Reading the log from its start gives all offsets again,
/// because records can be read in any order and any number of times.
/// </summary>
internal sealed class CommittedOffsets
{
    // An upper bound of a key's size without its characters: in memory, and in a record, where it is the offset.
    private const int BytesPerKey = 64;
    private const int SnapshotRecordBytes = 256 << 10;

    private readonly Dictionary<string, long> _offsets = new(StringComparer.Ordinal);

    /// <summary>About how many bytes the offsets take in memory, and at most in a snapshot.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Those of the offsets that are higher than the committed ones.</summary>
    public IReadOnlyList<KeyOffset> Ahead(IReadOnlyList<KeyOffset> offsets)
    {
        var ahead = new List<KeyOffset>();
        foreach (var entry in offsets)
        {
            if (!_offsets.TryGetValue(entry.Key, out var committed) || entry.Offset > committed) ahead.Add(entry);
        }

        return ahead;
    }

    /// <summary>How many bytes the new keys among these offsets would take.</summary>
    public long NewBytesOf(IReadOnlyList<KeyOffset> offsets) =>
        offsets.Where(entry => !_offsets.ContainsKey(entry.Key)).Sum(entry => (long)SizeOf(entry.Key));

    /// <summary>Raises the committed offsets that are lower than these.</summary>
    public void Advance(IReadOnlyList<KeyOffset> offsets)
    {
        foreach (var entry in offsets)
        {
            if (!_offsets.TryGetValue(entry.Key, out var committed)) SizeBytes += SizeOf(entry.Key);
            else if (entry.Offset <= committed) continue;
            _offsets[entry.Key] = entry.Offset;
        }
    }

    /// <summary>The committed offsets of those keys that have one.</summary>
    public IReadOnlyList<KeyOffset> Of(IReadOnlyList<string> keys)
    {
        var found = new List<KeyOffset>();
        foreach (var key in keys.Distinct(StringComparer.Ordinal))
        {
            if (_offsets.TryGetValue(key, out var offset)) found.Add(new KeyOffset(key, offset));
        }

        return found;
    }

    /// <summary>All committed offsets, as records.</summary>
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

    /// <summary>Encodes offsets as a record.</summary>
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
        var written = writer.Detach([]);
        return written.Bytes.AsMemory(0, written.LengthBytes);
    }

    /// <summary>Decodes a record.</summary>
    /// <exception cref="JsonException">The record is no object of keys and offsets.</exception>
    public static IReadOnlyList<KeyOffset> Decode(ReadOnlySpan<byte> record)
    {
        var offsets = new List<KeyOffset>();
        var reader = new Utf8JsonReader(record);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("it is no object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var offset))
                throw new JsonException($"the offset of {key} is no integer");
            offsets.Add(new KeyOffset(key, offset));
        }

        return offsets;
    }

    private static int SizeOf(string key) => Encoding.UTF8.GetByteCount(key) + BytesPerKey;
}
