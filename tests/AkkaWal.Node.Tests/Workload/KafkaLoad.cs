using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AkkaWal.Node.Tests.EndToEnd;

namespace AkkaWal.Node.Tests.Workload;

/// <summary>The size of a load.</summary>
internal sealed record KafkaLoadSize
{
    /// <summary>How many clients there are at a time.</summary>
    public required int Clients { get; init; }

    /// <summary>How many sends, polls and assignments they do before the final polls.</summary>
    public required int Operations { get; init; }

    /// <summary>How many messages a key gets at most before another one takes its place.</summary>
    public int MaxWritesPerKey { get; init; } = 17;

    /// <summary>How long a client waits for a reply; null for no limit.</summary>
    public TimeSpan? GiveUpAfter { get; init; }

    /// <summary>How many final polls a client has: Maelstrom gives them ten seconds, and begins one each 200
    /// ms.</summary>
    public int FinalPolls { get; init; } = 50;
}

/// <summary>
/// Maelstrom's kafka workload for one node, without its pauses: half sends and half polls, over ten keys of which each
/// one is twice as likely as the one before it and makes way for a new one after some messages. At the end each client
/// polls every key from its start until it has seen all.
/// </summary>
internal sealed class KafkaLoad(NodeRunner node, KafkaLoadSize size, int seed)
{
    private const int ActiveKeys = 10;
    private const double AssignShare = 1.0 / 64;
    private const double UnseenShare = 1.0 / 3;
    private const double CrashShare = 1.0 / 500;

    private readonly Random _random = new(seed);
    private readonly List<Done> _history = [];
    private readonly Dictionary<string, (KafkaClient Client, int Seat, long SentAt)> _waiting = [];
    private readonly (int Key, int Writes, int Limit)[] _active = new (int, int, int)[ActiveKeys];
    private readonly Dictionary<string, long> _sentUpTo = [];
    private readonly Dictionary<string, long> _seenUpTo = [];
    private readonly StringBuilder _lines = new();
    private int[] _finalPolls = [];
    private int _processCount;
    private int _keyCount;
    private int _begun;

    /// <summary>What the clients saw.</summary>
    public IReadOnlyList<Done> History => _history;

    /// <summary>How many keys were written to.</summary>
    public int KeyCount => _sentUpTo.Count;

    /// <summary>The longest time that a reply took.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>The longest time that a poll of all keys took.</summary>
    public TimeSpan SlowestFinal { get; private set; }

    /// <summary>Runs it from its first request to its last reply.</summary>
    public async Task Run()
    {
        for (var index = 0; index < ActiveKeys; index++) NextKey(index);
        await Drive(NewClient, (_, _) => _begun++ < size.Operations ? Next() : null);
        _finalPolls = new int[size.Clients];
        await Drive(NewFinalClient, (client, seat) =>
            IsBehind(client) && _finalPolls[seat]++ < size.FinalPolls ? new PollStep() : null);
    }

    private async Task Drive(Func<KafkaClient> make, Func<KafkaClient, int, Step?> next)
    {
        for (var seat = 0; seat < size.Clients; seat++) Begin(make(), seat, make, next);
        while (_waiting.Count > 0)
        {
            Write();
            var message = JsonDocument.Parse(await node.ReadLine()).RootElement;
            var name = message.GetProperty("dest").GetString()!;
            if (!_waiting.Remove(name, out var waiting)) continue;
            var took = Stopwatch.GetElapsedTime(waiting.SentAt);
            if (took > Slowest) Slowest = took;
            if (_finalPolls.Length > 0 && took > SlowestFinal) SlowestFinal = took;
            if (waiting.Client.Receive(message.GetProperty("body"), took > size.GiveUpAfter) is { } request)
                Ask(waiting.Client, waiting.Seat, request);
            else
                Begin(waiting.Client.IsGone ? make() : waiting.Client, waiting.Seat, make, next);
        }
    }

    private void Begin(KafkaClient client, int seat, Func<KafkaClient> make, Func<KafkaClient, int, Step?> next)
    {
        while (next(client, seat) is { } step)
        {
            if (_finalPolls.Length == 0 && _random.NextDouble() < CrashShare) client = make();
            if (client.Begin(step) is not { } request) continue;
            Ask(client, seat, request);
            return;
        }
    }

    private void Ask(KafkaClient client, int seat, string request)
    {
        _lines.Append(request).Append('\n');
        _waiting.Add(client.Name, (client, seat, Stopwatch.GetTimestamp()));
    }

    private void Write()
    {
        if (_lines.Length == 0) return;
        node.Input.Write(Encoding.UTF8.GetBytes(_lines.ToString()));
        node.Input.Flush();
        _lines.Clear();
    }

    private Step Next()
    {
        var index = (int)Math.Log2(1 + _random.NextDouble() * ((1 << ActiveKeys) - 1));
        if (_random.NextDouble() < AssignShare)
            return new AssignStep(KeysToAssign(_active[index].Key), FromStart: false);
        if (_random.Next(2) == 0) return new PollStep();
        if (_active[index].Writes == _active[index].Limit) NextKey(index);
        return new SendStep($"{_active[index].Key}", _active[index].Writes++);
    }

    // Sometimes all keys with unseen messages are polled, too.
    private HashSet<string> KeysToAssign(int key)
    {
        var keys = new HashSet<string> { $"{key}" };
        if (_random.NextDouble() < UnseenShare)
            keys.UnionWith(_sentUpTo.Where(sent => _seenUpTo.GetValueOrDefault(sent.Key, -1) < sent.Value)
                .Select(sent => sent.Key));
        return keys;
    }

    private void NextKey(int index) => _active[index] = (_keyCount++, 0, 1 + _random.Next(size.MaxWritesPerKey));

    private KafkaClient NewClient() => new(_processCount++, Note);

    private KafkaClient NewFinalClient()
    {
        var client = NewClient();
        client.Begin(new AssignStep(_sentUpTo.Keys, FromStart: true));
        return client;
    }

    private bool IsBehind(KafkaClient client) =>
        _sentUpTo.Any(sent => client.Read.GetValueOrDefault(sent.Key, -1) < sent.Value);

    private void Note(Done done)
    {
        _history.Add(done);
        if (done is Sent { Outcome: Outcome.Ok } sent) Raise(_sentUpTo, sent.Key, sent.Offset);
        if (done is not PolledMessages poll) return;
        foreach (var (key, messages) in poll.Messages) Raise(_seenUpTo, key, messages[^1].Offset);
    }

    private static void Raise(Dictionary<string, long> offsets, string key, long offset) =>
        offsets[key] = Math.Max(offsets.GetValueOrDefault(key, -1), offset);
}
