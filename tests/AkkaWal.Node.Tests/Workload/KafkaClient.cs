using System.Text;
using System.Text.Json;

namespace AkkaWal.Node.Tests.Workload;

/// <summary>The next step of a client.</summary>
internal abstract record Step;

internal sealed record SendStep(string Key, int Value) : Step;

internal sealed record PollStep : Step;

/// <summary>Polls these keys from now on: from their committed offsets, or from their start.</summary>
internal sealed record AssignStep(IReadOnlyCollection<string> Keys, bool FromStart) : Step;

/// <summary>
/// A client like Maelstrom's: one request at a time, a commit after each poll that returned messages, and a new
/// identity after an unknown outcome.
/// </summary>
internal sealed class KafkaClient(int process, Action<Done> done)
{
    private readonly Dictionary<string, long> _offsets = [];
    private Step? _step;
    private Dictionary<string, List<(long Offset, int Value)>> _polled = [];
    private long _messageId;
    private int _assignment;

    /// <summary>Its name on the wire.</summary>
    public string Name { get; } = $"c{process}";

    /// <summary>The highest offset of each key that it has read.</summary>
    public Dictionary<string, long> Read { get; } = [];

    /// <summary>Whether it has ended, and another client takes its place.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Begins a step.</summary>
    /// <returns>The request; null where the step needs none.</returns>
    public string? Begin(Step step)
    {
        _step = step;
        switch (step)
        {
            case SendStep send:
                return Request($"\"type\":\"send\",\"key\":{Quote(send.Key)},\"msg\":{send.Value}");
            case PollStep:
                return Request($"\"type\":\"poll\",\"offsets\":{Object(_offsets)}");
            case AssignStep { FromStart: true } assign:
                Assign(assign.Keys, _ => 0);
                return null;
            case AssignStep assign:
                return Request(
                    $"\"type\":\"list_committed_offsets\",\"keys\":[{string.Join(',', assign.Keys.Select(Quote))}]");
            default:
                throw new InvalidOperationException("no step");
        }
    }

    /// <summary>Goes on with the reply to its last request.</summary>
    /// <param name="body">The reply.</param>
    /// <param name="isLate">Whether the client has given up on it by now.</param>
    /// <returns>The next request of the same step; null where the step is done.</returns>
    public string? Receive(JsonElement body, bool isLate)
    {
        if (body.GetProperty("in_reply_to").GetInt64() != _messageId) return null;
        var type = body.GetProperty("type").GetString()!;
        if (isLate || type == "error")
        {
            Fail(!isLate && body.GetProperty("code").GetInt32() is 10 or 11 or 12 or 14 or 20 or 22);
            return null;
        }

        switch (_step)
        {
            case SendStep send:
                done(new Sent(process, send.Key, send.Value, body.GetProperty("offset").GetInt64(), Outcome.Ok));
                return null;
            case PollStep when type == "poll_ok":
                return ReadMessages(body.GetProperty("msgs"));
            case PollStep:
                done(new PolledMessages(process, _assignment, _polled));
                return null;
            case AssignStep assign:
                var committed = body.GetProperty("offsets");
                Assign(assign.Keys, key => committed.TryGetProperty(key, out var offset) ? offset.GetInt64() : 0);
                return null;
            default:
                throw new InvalidOperationException($"a reply of {type} to no request");
        }
    }

    private string? ReadMessages(JsonElement keys)
    {
        _polled = [];
        foreach (var key in keys.EnumerateObject())
        {
            var messages = new List<(long, int)>();
            foreach (var pair in key.Value.EnumerateArray()) messages.Add((pair[0].GetInt64(), pair[1].GetInt32()));
            if (messages.Count > 0) _polled.Add(key.Name, messages);
        }

        if (_polled.Count == 0)
        {
            done(new PolledMessages(process, _assignment, _polled));
            return null;
        }

        var highest = _polled.ToDictionary(pair => pair.Key, pair => pair.Value.Max(message => message.Offset));
        foreach (var (key, offset) in highest)
        {
            _offsets[key] = Math.Max(_offsets.GetValueOrDefault(key), offset + 1);
            Read[key] = Math.Max(Read.GetValueOrDefault(key, -1), offset);
        }

        return Request($"\"type\":\"commit_offsets\",\"offsets\":{Object(highest)}");
    }

    private void Fail(bool isDefinite)
    {
        if (_step is SendStep send)
            done(new Sent(process, send.Key, send.Value, -1, isDefinite ? Outcome.Failed : Outcome.Unknown));

        // A failed poll may lose its messages, and with them the position in each key.
        IsGone = !isDefinite || _step is PollStep;
    }

    private void Assign(IReadOnlyCollection<string> keys, Func<string, long> start)
    {
        var next = keys.ToDictionary(key => key, key =>
            _offsets.TryGetValue(key, out var offset) ? offset : start(key));
        _offsets.Clear();
        foreach (var (key, offset) in next) _offsets.Add(key, offset);
        _assignment++;
    }

    private string Request(string body) =>
        $$$"""{"src":"{{{Name}}}","dest":"n1","body":{"msg_id":{{{++_messageId}}},{{{body}}}}}""";

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    private static string Object(Dictionary<string, long> offsets)
    {
        var text = new StringBuilder("{");
        foreach (var (key, offset) in offsets)
            text.Append(text.Length > 1 ? "," : "").Append(Quote(key)).Append(':').Append(offset);
        return text.Append('}').ToString();
    }
}
