using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace AkkaWal.Cluster.Example.History;

/// <summary>
/// Notes which sender appended what to which log, when, and how the append ended. In the end it compares the notes with
/// the records in the logs. No two appends have the same bytes. For any number of threads.
/// </summary>
/// <param name="journal">
/// Gets a line for each note, for a checker in another process on this machine; null for no journal.
/// </param>
internal sealed class HistoryChecker(TextWriter? journal = null)
{
    private const string BeginWord = "begin", AcknowledgedWord = "acknowledged", RefusedWord = "refused";

    private readonly ConcurrentDictionary<string, Entry> _byText = new(StringComparer.Ordinal);

    internal enum Outcome
    {
        /// <summary>
        /// The append has not ended, or its reply does not tell its outcome. The log has its record once or not at all.
        /// </summary>
        Unknown,

        Acknowledged,

        /// <summary>Its record must not be there.</summary>
        Refused,
    }

    /// <summary>How many appends were begun.</summary>
    public int Count => _byText.Count;

    /// <summary>How many appends were acknowledged.</summary>
    public int AcknowledgedCount => _byText.Values.Count(entry => entry.Outcome == Outcome.Acknowledged);

    /// <summary>How many appends have an unknown outcome.</summary>
    public int UnknownCount => _byText.Values.Count(entry => entry.Outcome == Outcome.Unknown);

    /// <summary>How many appends were refused.</summary>
    public int RefusedCount => _byText.Values.Count(entry => entry.Outcome == Outcome.Refused);

    /// <summary>
    /// Notes that an append begins. A sender begins its next append to the same log after this one has ended.
    /// </summary>
    /// <param name="log">The log's name.</param>
    /// <param name="sender">The sender's name.</param>
    /// <param name="number">Rises with each append of this sender to this log.</param>
    /// <param name="sizeBytes">The least size of the payload.</param>
    /// <returns>The append, with its payload.</returns>
    public Entry Begin(string log, string sender, int number, int sizeBytes = 0)
    {
        var entry = Add(log, sender, number, sizeBytes, Stopwatch.GetTimestamp());
        Write(BeginWord, entry, entry.BeganAt, "");
        return entry;
    }

    /// <summary>Adds a note of another process.</summary>
    /// <param name="line">A line of that process's journal.</param>
    /// <returns>False if the line is not from a journal.</returns>
    public bool TryAdd(string line)
    {
        if (line.Split(' ') is not [BeginWord or AcknowledgedWord or RefusedWord, _, _, _, _, _, ..] fields)
            return false;
        var (log, sender) = (fields[2], fields[3]);
        var (time, number, size) = (NumberOf(fields[1]), (int)NumberOf(fields[4]), (int)NumberOf(fields[5]));
        if (fields[0] == BeginWord) Add(log, sender, number, size, time);
        else if (!_byText.TryGetValue(TextOf(log, sender, number, size), out var entry))
            throw new InvalidDataException($"an append ended that was not begun: {line}");
        else if (fields[0] == RefusedWord) entry.Refuse();
        else entry.Acknowledge(NumberOf(fields[6]), time);
        return true;
    }

    /// <summary>The notes of a sender's appends to a log that began after a moment.</summary>
    /// <param name="log">The log's name.</param>
    /// <param name="sender">The sender's name.</param>
    /// <param name="timestamp">A timestamp of <see cref="Stopwatch"/>, from any process of this machine.</param>
    public IReadOnlyList<Entry> BegunAfter(string log, string sender, long timestamp) =>
        [.. _byText.Values.Where(one => one.Log == log && one.Sender == sender && one.BeganAt > timestamp)];

    /// <summary>Compares the notes with what a log holds.</summary>
    /// <param name="log">The log's name.</param>
    /// <param name="records">All of its payloads, from offset 0 on.</param>
    /// <returns>A line for each violation.</returns>
    public IReadOnlyList<string> Violations(string log, IReadOnlyList<ReadOnlyMemory<byte>> records) =>
        [.. Compare(log, records).Select(violation => violation.Text)];

    /// <summary>Compares the notes with what a log holds.</summary>
    /// <param name="log">The log's name.</param>
    /// <param name="records">All of its payloads, from offset 0 on.</param>
    public IReadOnlyList<Violation> Compare(string log, IReadOnlyList<ReadOnlyMemory<byte>> records)
    {
        var violations = new List<Violation>();
        var offsets = OffsetsOf(log, records, violations);
        var mine = _byText.Values.Where(entry => entry.Log == log).ToList();
        foreach (var entry in mine)
        {
            var at = offsets.GetValueOrDefault(entry, []);
            if (at.Count > 1)
                Add(ViolationKind.Doubled, $"{entry} is there {at.Count} times: at {string.Join(", ", at)}");
            if (entry.Outcome == Outcome.Refused && at.Count > 0)
                Add(ViolationKind.Other, $"{entry} was refused and is there, at {at[0]}");
            if (entry.Outcome != Outcome.Acknowledged) continue;
            if (at.Count == 0)
                Add(ViolationKind.Lost, $"{entry} was acknowledged at {entry.Offset} and is not there");
            else if (!at.Contains((int)entry.Offset))
                Add(ViolationKind.Other, $"{entry} was acknowledged at {entry.Offset} and is at {at[0]}");
        }
        AddDisorder(mine, violations);
        return violations;

        void Add(ViolationKind kind, string text) => violations.Add(new Violation(kind, text));
    }

    private Dictionary<Entry, List<int>> OffsetsOf(
        string log, IReadOnlyList<ReadOnlyMemory<byte>> records, List<Violation> violations)
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
                violations.Add(new Violation(
                    ViolationKind.Other, $"at {i} of {log} is what nobody appended to it: '{text}'"));
            }
        }
        return offsets;
    }

    // If an append was acknowledged before another one began, its record comes before the other's.
    private static void AddDisorder(List<Entry> entries, List<Violation> violations)
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
                violations.Add(new Violation(
                    ViolationKind.Other,
                    $"{entry} is at {entry.Offset}, before {highest} at {highest.Offset}, which had ended"));
        }
    }

    private Entry Add(string log, string sender, int number, int sizeBytes, long beganAt)
    {
        var text = TextOf(log, sender, number, sizeBytes);
        var entry = new Entry(this, log, sender, number, text, beganAt);
        return _byText.TryAdd(text, entry)
            ? entry : throw new InvalidOperationException($"{text} was begun before");
    }

    private void Write(string word, Entry entry, long time, string last) => journal?.WriteLine(
        $"{word} {time} {entry.Log} {entry.Sender} {entry.Number} {entry.Payload.Length} {last}".TrimEnd());

    private static string TextOf(string log, string sender, int number, int sizeBytes) =>
        $"{log}|{sender}|{number}|".PadRight(sizeBytes, (char)('a' + number % 26));

    private static long NumberOf(string field) => long.Parse(field, CultureInfo.InvariantCulture);

    /// <summary>The notes of one append.</summary>
    internal sealed class Entry
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

        // Timestamps of Stopwatch. Its clock is the same in all processes of a machine.
        internal long BeganAt { get; }

        internal long EndedAt { get; private set; } = long.MaxValue;

        internal long Offset { get; private set; } = -1;

        internal Outcome Outcome { get; private set; }

        internal void Acknowledged(long offset)
        {
            Acknowledge(offset, Stopwatch.GetTimestamp());
            _history.Write(AcknowledgedWord, this, EndedAt, offset.ToString(CultureInfo.InvariantCulture));
        }

        internal void Refused()
        {
            Refuse();
            _history.Write(RefusedWord, this, Stopwatch.GetTimestamp(), "");
        }

        internal void Acknowledge(long offset, long time) =>
            (Offset, EndedAt, Outcome) = (offset, time, Outcome.Acknowledged);

        internal void Refuse() => Outcome = Outcome.Refused;

        public override string ToString() => $"{Sender}'s append {Number} to {Log}";
    }
}

/// <summary>The kind of a violation.</summary>
internal enum ViolationKind
{
    /// <summary>The record was acknowledged and is not there.</summary>
    Lost,

    /// <summary>The record is there more than once.</summary>
    Doubled,

    /// <summary>
    /// The record is at another offset or in another order, its append was refused, or no sender appended it.
    /// </summary>
    Other,
}

/// <summary>A record, or the lack of one, that contradicts the notes.</summary>
internal readonly record struct Violation(ViolationKind Kind, string Text);
