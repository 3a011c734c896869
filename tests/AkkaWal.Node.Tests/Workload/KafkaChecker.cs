namespace AkkaWal.Node.Tests.Workload;

/// <summary>
/// Checks a history for the faults that Maelstrom's checker of the kafka workload finds. The order of a key's messages
/// is that of all offsets that clients have seen; other offsets may be between them.
/// </summary>
/// <remarks>
/// <code>
/// inconsistent offsets    one offset has two messages
/// duplicate               one message has two offsets
/// aborted read            a message is there that was said not to have happened
/// lost write              a message below one that somebody has seen was acknowledged, and nobody has seen it
/// unseen                  an acknowledged message that nobody has seen at the end
/// nonmonotonic send       a process is given a lower offset than before
/// nonmonotonic poll       a poll goes back behind itself or behind the one before it
/// poll skip               a poll leaves out a message that is known to be there
/// </code>
/// </remarks>
internal sealed class KafkaChecker
{
    private readonly Dictionary<string, KeyOrder> _keys = [];
    private readonly List<string> _errors = [];

    private KafkaChecker()
    {
    }

    /// <summary>The faults of a history; none if it is valid.</summary>
    public static IReadOnlyList<string> Check(IReadOnlyList<Done> history)
    {
        var checker = new KafkaChecker();
        foreach (var done in history) checker.Note(done);
        foreach (var key in checker._keys.Values) key.Finish(checker._errors);
        checker.CheckSends(history.OfType<Sent>());
        checker.CheckPolls(history.OfType<PolledMessages>());
        return checker._errors;
    }

    private KeyOrder Of(string key)
    {
        if (!_keys.TryGetValue(key, out var order)) _keys.Add(key, order = new KeyOrder(key));
        return order;
    }

    private void Note(Done done)
    {
        if (done is Sent sent) Of(sent.Key).NoteSent(sent);
        if (done is not PolledMessages poll) return;
        foreach (var (key, messages) in poll.Messages)
        {
            foreach (var (offset, value) in messages) Of(key).NoteSeen(offset, value);
        }
    }

    private void CheckSends(IEnumerable<Sent> sends)
    {
        var last = new Dictionary<(int Process, string Key), long>();
        foreach (var sent in sends.Where(sent => sent.Outcome == Outcome.Ok))
        {
            if (last.TryGetValue((sent.Process, sent.Key), out var before) && sent.Offset <= before)
                _errors.Add(
                    $"nonmonotonic send: process {sent.Process} sent to {sent.Key} at {before}, then at {sent.Offset}");
            last[(sent.Process, sent.Key)] = sent.Offset;
        }
    }

    private void CheckPolls(IEnumerable<PolledMessages> polls)
    {
        var last = new Dictionary<(int Process, string Key), (int Assignment, long Offset)>();
        foreach (var poll in polls)
        {
            foreach (var (key, messages) in poll.Messages)
            {
                var isFollowing = last.TryGetValue((poll.Process, key), out var before)
                    && before.Assignment == poll.Assignment;
                long? previous = isFollowing ? before.Offset : null;
                foreach (var (offset, _) in messages)
                {
                    CheckStep(poll, key, previous, offset);
                    previous = offset;
                }

                if (previous is { } end) last[(poll.Process, key)] = (poll.Assignment, end);
            }
        }
    }

    private void CheckStep(PolledMessages poll, string key, long? previous, long offset)
    {
        if (previous is not { } from) return;
        var distance = _keys[key].PlaceOf(offset) - _keys[key].PlaceOf(from);
        if (distance < 1)
            _errors.Add($"nonmonotonic poll: process {poll.Process} read {key} at {from}, then at {offset}");
        if (distance > 1) _errors.Add($"poll skip: process {poll.Process} read {key} at {from}, then at {offset}");
    }

    // The knowledge of one key.
    private sealed class KeyOrder(string key)
    {
        private readonly SortedDictionary<long, HashSet<int>> _valuesAt = [];
        private readonly Dictionary<int, Sent> _sent = [];
        private readonly Dictionary<int, long> _seenAt = [];
        private List<long> _offsets = [];

        public void NoteSent(Sent sent)
        {
            _sent[sent.Value] = sent;
            if (sent.Outcome == Outcome.Ok) Place(sent.Offset, sent.Value);
        }

        public void NoteSeen(long offset, int value)
        {
            _seenAt[value] = offset;
            Place(offset, value);
        }

        public int PlaceOf(long offset) => _offsets.BinarySearch(offset);

        public void Finish(List<string> errors)
        {
            _offsets = [.. _valuesAt.Keys];
            foreach (var (offset, values) in _valuesAt.Where(pair => pair.Value.Count > 1))
                errors.Add($"inconsistent offsets: {key} has {string.Join(" and ", values)} at {offset}");
            foreach (var (value, count) in _valuesAt.SelectMany(pair => pair.Value).CountBy(value => value)
                .Where(pair => pair.Value > 1))
                errors.Add($"duplicate: {key} has {value} at {count} offsets");
            var furthest = _seenAt.Count > 0 ? _seenAt.Values.Max() : -1;
            foreach (var sent in _sent.Values)
            {
                var isSeen = _seenAt.ContainsKey(sent.Value);
                if (isSeen && sent.Outcome == Outcome.Failed)
                    errors.Add($"aborted read: {key} has {sent.Value}, which was refused");
                if (isSeen || sent.Outcome != Outcome.Ok) continue;
                var kind = sent.Offset < furthest ? "lost write" : "unseen";
                errors.Add($"{kind}: {key} has no {sent.Value}, sent at {sent.Offset}");
            }

            foreach (var value in _seenAt.Keys.Where(value => !_sent.ContainsKey(value)))
                errors.Add($"from nowhere: {key} has {value}");
        }

        private void Place(long offset, int value)
        {
            if (!_valuesAt.TryGetValue(offset, out var values)) _valuesAt.Add(offset, values = []);
            values.Add(value);
        }
    }
}
