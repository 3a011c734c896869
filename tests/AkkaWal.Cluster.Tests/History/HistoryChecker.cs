using System.Collections.Concurrent;
using System.Text;

namespace AkkaWal.Cluster.Tests.History;

/// <summary>
/// Who appended what to which log, when, and what each was told; and whether what the logs hold in the end agrees with
/// that. Each append has bytes of its own. For any number of threads while it takes notes.
/// </summary>
public sealed class HistoryChecker
{
    private readonly ConcurrentDictionary<string, Entry> _byText = new(StringComparer.Ordinal);
    private long _time;

    internal enum Outcome
    {
        /// <summary>No word yet, or one that does not tell: it may be there once, or not.</summary>
        Unknown,

        Acknowledged,

        /// <summary>It must not be there.</summary>
        Refused,
    }

    /// <summary>How many appends were acknowledged.</summary>
    public int AcknowledgedCount => _byText.Values.Count(entry => entry.Outcome == Outcome.Acknowledged);

    /// <summary>How many are unknown.</summary>
    public int UnknownCount => _byText.Values.Count(entry => entry.Outcome == Outcome.Unknown);

    /// <summary>How many were refused.</summary>
    public int RefusedCount => _byText.Values.Count(entry => entry.Outcome == Outcome.Refused);

    /// <summary>A sender is about to append; it awaits each append before the next one to the same log.</summary>
    /// <param name="log">The log's name.</param>
    /// <param name="sender">The sender's name.</param>
    /// <param name="number">Rises with each append of this sender to this log.</param>
    /// <param name="sizeBytes">The least size of the payload.</param>
    /// <returns>The append, with its payload.</returns>
    public Entry Begin(string log, string sender, int number, int sizeBytes = 0)
    {
        var text = $"{log}|{sender}|{number}|".PadRight(sizeBytes, (char)('a' + number % 26));
        var entry = new Entry(this, log, sender, number, text, Interlocked.Increment(ref _time));
        Assert.True(_byText.TryAdd(text, entry), $"{text} was begun before");
        return entry;
    }

    /// <summary>Compares the notes with what a log holds.</summary>
    /// <param name="log">The log's name.</param>
    /// <param name="records">All of its payloads, from offset 0 on.</param>
    /// <returns>What does not agree, one line each.</returns>
    public IReadOnlyList<string> Violations(string log, IReadOnlyList<ReadOnlyMemory<byte>> records)
    {
        var violations = new List<string>();
        var offsets = OffsetsOf(log, records, violations);
        var mine = _byText.Values.Where(entry => entry.Log == log).ToList();
        foreach (var entry in mine)
        {
            var at = offsets.GetValueOrDefault(entry, []);
            if (at.Count > 1) violations.Add($"{entry} is there {at.Count} times: at {string.Join(", ", at)}");
            if (entry.Outcome == Outcome.Refused && at.Count > 0)
                violations.Add($"{entry} was refused and is there, at {at[0]}");
            if (entry.Outcome != Outcome.Acknowledged) continue;
            if (at.Count == 0) violations.Add($"{entry} was acknowledged at {entry.Offset} and is not there");
            else if (!at.Contains(entry.Offset))
                violations.Add($"{entry} was acknowledged at {entry.Offset} and is at {at[0]}");
        }
        AddDisorder(mine, violations);
        return violations;
    }

    private Dictionary<Entry, List<int>> OffsetsOf(
        string log, IReadOnlyList<ReadOnlyMemory<byte>> records, List<string> violations)
    {
        var offsets = new Dictionary<Entry, List<int>>();
        for (var i = 0; i < records.Count; i++)
        {
            var text = Encoding.UTF8.GetString(records[i].Span);
            if (_byText.TryGetValue(text, out var entry) && entry.Log == log)
            {
                if (!offsets.TryGetValue(entry, out var at)) offsets[entry] = at = [];
                at.Add(i);
            }
            else
            {
                violations.Add($"at {i} of {log} is what nobody appended to it: '{text}'");
            }
        }
        return offsets;
    }

    // What was acknowledged before another append began comes before it; so does what one sender appended before.
    private static void AddDisorder(List<Entry> entries, List<string> violations)
    {
        var acknowledged = entries.Where(entry => entry.Outcome == Outcome.Acknowledged).ToList();
        var done = acknowledged.OrderBy(entry => entry.EndedAt).ToList();
        var next = 0;
        Entry? highest = null;
        foreach (var entry in acknowledged.OrderBy(entry => entry.BeganAt))
        {
            for (; next < done.Count && done[next].EndedAt < entry.BeganAt; next++)
                if (highest is null || done[next].Offset > highest.Offset) highest = done[next];
            if (highest is not null && highest.Offset > entry.Offset)
                violations.Add($"{entry} is at {entry.Offset}, before {highest} at {highest.Offset}, which had ended");
        }
    }

    /// <summary>One append.</summary>
    public sealed class Entry
    {
        private readonly HistoryChecker _history;

        internal Entry(HistoryChecker history, string log, string sender, int number, string text, long beganAt)
        {
            (_history, Log, Sender, Number, BeganAt) = (history, log, sender, number, beganAt);
            Payload = Encoding.UTF8.GetBytes(text);
        }

        public string Log { get; }

        public string Sender { get; }

        public int Number { get; }

        public ReadOnlyMemory<byte> Payload { get; }

        internal long BeganAt { get; }

        internal long EndedAt { get; private set; } = long.MaxValue;

        internal int Offset { get; private set; } = -1;

        internal Outcome Outcome { get; private set; }

        internal void Acknowledged(long offset)
        {
            (Offset, EndedAt) = (checked((int)offset), Interlocked.Increment(ref _history._time));
            Outcome = Outcome.Acknowledged;
        }

        internal void Refused() => Outcome = Outcome.Refused;

        public override string ToString() => $"{Sender}'s append {Number} to {Log}";
    }
}
