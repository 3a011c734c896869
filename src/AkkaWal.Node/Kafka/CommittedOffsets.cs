using System.Text.Json;
using AkkaWal.Node.Translation;

namespace AkkaWal.Node.Kafka;

/// <summary>
/// How far the consumers of each key have come. Never moves back. Its log has a record for each commit, a JSON object with
/// those keys that the commit moved on: to read the log from its start is to have the offsets again.
/// </summary>
internal sealed class CommittedOffsets
{
    private readonly Dictionary<string, long> _offsets = new(StringComparer.Ordinal);

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

    /// <summary>Moves on to where it is not yet.</summary>
    public void Advance(IReadOnlyList<KeyOffset> offsets)
    {
        foreach (var entry in Ahead(offsets)) _offsets[entry.Key] = entry.Offset;
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
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            offsets.Add(new KeyOffset(key, reader.GetInt64()));
        }

        return offsets;
    }
}
