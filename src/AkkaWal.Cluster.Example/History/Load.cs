using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Example.History;

/// <summary>
/// Writers that append to logs until they are stopped, and note how each append ended.
/// </summary>
/// <param name="history">Takes the notes.</param>
/// <param name="pause">How long each writer waits after each append.</param>
internal sealed class Load(HistoryChecker history, TimeSpan pause = default)
{
    /// <summary>The longest time in which no append ends. It is long, since test machines are busy.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private const int PayloadBytes = 100;

    private readonly ConcurrentBag<Task> _writers = [];
    private readonly ConcurrentDictionary<string, Pulse> _logs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _failures = new(StringComparer.Ordinal);
    private readonly Channel<bool> _ends = Channel.CreateUnbounded<bool>();
    private volatile bool _isStopping;

    /// <summary>Starts a writer that takes any offset.</summary>
    internal void Append(IWalClient log, string name, string sender) => Start(name, sender, async entry =>
    {
        try
        {
            entry.Acknowledged(await log.AppendAsync(entry.Payload));
        }
        catch (WalRequestException e)
        {
            Failed(entry, e);
        }
    });

    /// <summary>
    /// Starts a writer that names the offset that it expects. If another writer has that one, it tries the next.
    /// </summary>
    internal void AppendConditionally(IWalClient log, string name, string sender)
    {
        var expected = 0L;
        Start(name, sender, async entry =>
        {
            while (true)
            {
                try
                {
                    entry.Acknowledged(await log.AppendAsync(entry.Payload, expected));
                    expected++;
                    return;
                }
                catch (WalRequestException e) when (e.NextOffset is { } next)
                {
                    expected = next;
                }
                catch (WalRequestException e)
                {
                    Failed(entry, e);
                    return;
                }
            }
        });
    }

    /// <summary>Waits until this many appends have ended after the call, with whatever outcome.</summary>
    /// <exception cref="TimeoutException">No append ended for longer than <see cref="Patience"/>.</exception>
    internal async Task Progress(int appends)
    {
        while (_ends.Reader.TryRead(out _))
        {
            // Ended before the call.
        }
        for (var i = 0; i < appends; i++) await NextEnd();
    }

    /// <summary>Begins a new measurement of the gaps.</summary>
    internal void MarkGaps()
    {
        foreach (var log in _logs.Values) log.Mark();
    }

    /// <summary>Waits until each log has acknowledged an append that began after the call.</summary>
    /// <exception cref="TimeoutException">A log has acknowledged none for <see cref="Patience"/>.</exception>
    internal async Task AllAnswered()
    {
        var calledAt = Stopwatch.GetTimestamp();
        while (FindSilent(calledAt) is { } silent)
        {
            if (Stopwatch.GetElapsedTime(calledAt) > Patience)
                throw new TimeoutException(
                    $"{silent} has acknowledged nothing for {Patience}; the last failure of an append to it: "
                        + _failures.GetValueOrDefault(silent, "none"));
            await NextEnd();
        }
    }

    /// <summary>The longest time without an acknowledgement since the last mark, by the name of the log.</summary>
    internal IReadOnlyDictionary<string, TimeSpan> Gaps() =>
        _logs.ToDictionary(log => log.Key, log => log.Value.LongestGap);

    /// <summary>
    /// Of the appends to a log that were acknowledged, the one with the highest offset and a random one; none if there
    /// is none.
    /// </summary>
    internal IReadOnlyList<HistoryChecker.Entry> LastAndAny(string log) =>
        _logs.TryGetValue(log, out var pulse) ? pulse.LastAndAny() : [];

    /// <summary>Ends all writers. All appends have ended when this returns.</summary>
    internal async Task Stop()
    {
        _isStopping = true;
        await Task.WhenAll(_writers);
    }

    /// <summary>Reads all logs, and compares them with the history.</summary>
    /// <param name="client">A client of a log, by its name.</param>
    internal async Task<Verdict> Compare(Func<string, IWalClient> client)
    {
        var count = 0;
        var violations = new List<Violation>();
        foreach (var log in _logs.Keys)
        {
            var records = new List<ReadOnlyMemory<byte>>();
            await foreach (var record in client(log).ScanAsync(0)) records.Add(record.Payload);
            violations.AddRange(history.Compare(log, records));
            count += records.Count;
        }
        return new Verdict(count, violations);
    }

    // A log that has acknowledged no append that began after a moment; null if there is none.
    private string? FindSilent(long timestamp) =>
        _logs.Where(log => log.Value.AnsweredUntil <= timestamp).Select(log => log.Key).FirstOrDefault();

    private void Failed(HistoryChecker.Entry entry, WalRequestException failure)
    {
        if (failure.Kind != FailureKind.OutcomeUnknown) entry.Refused();
        _failures[entry.Log] = $"{failure.Kind}: {failure.Message}";
    }

    private async Task NextEnd()
    {
        // Throws the exception of a writer that has failed.
        if (_writers.FirstOrDefault(writer => writer.IsFaulted) is { } failed) await failed;
        await _ends.Reader.ReadAsync().AsTask().WaitAsync(Patience);
    }

    private void Start(string log, string sender, Func<HistoryChecker.Entry, Task> append)
    {
        var pulse = _logs.GetOrAdd(log, static _ => new Pulse());
        _writers.Add(Task.Run(async () =>
        {
            for (var number = 0; !_isStopping; number++)
            {
                var entry = history.Begin(log, sender, number, PayloadBytes);
                await append(entry);
                if (entry.Outcome == HistoryChecker.Outcome.Acknowledged) pulse.Beat(entry);
                _ends.Writer.TryWrite(true);
                if (pause > TimeSpan.Zero) await Task.Delay(pause);
            }
        }));
    }

    // What a log has acknowledged, and when. For any number of threads.
    private sealed class Pulse
    {
        private readonly Lock _lock = new();
        private readonly List<HistoryChecker.Entry> _acknowledged = [];
        private HistoryChecker.Entry? _last;
        private long _lastAt = Stopwatch.GetTimestamp();
        private TimeSpan _longest;

        /// <summary>The latest time at which an append began that was acknowledged.</summary>
        internal long AnsweredUntil
        {
            get
            {
                lock (_lock) return field;
            }
            private set;
        }

        internal TimeSpan LongestGap
        {
            get
            {
                lock (_lock) return _longest;
            }
        }

        internal IReadOnlyList<HistoryChecker.Entry> LastAndAny()
        {
            lock (_lock)
            {
                return _last is null ? [] : [_last, _acknowledged[Random.Shared.Next(_acknowledged.Count)]];
            }
        }

        internal void Mark()
        {
            lock (_lock)
            {
                (_lastAt, _longest) = (Stopwatch.GetTimestamp(), TimeSpan.Zero);
            }
        }

        internal void Beat(HistoryChecker.Entry entry)
        {
            lock (_lock)
            {
                var gap = Stopwatch.GetElapsedTime(_lastAt, entry.EndedAt);
                if (gap > _longest) _longest = gap;
                _lastAt = Math.Max(_lastAt, entry.EndedAt);
                AnsweredUntil = Math.Max(AnsweredUntil, entry.BeganAt);
                _acknowledged.Add(entry);
                if (_last is null || entry.Offset > _last.Offset) _last = entry;
            }
        }
    }
}

/// <summary>The result of a load.</summary>
/// <param name="Records">How many records all logs have.</param>
/// <param name="Violations">All violations of the history.</param>
internal sealed record Verdict(int Records, IReadOnlyList<Violation> Violations)
{
    internal int Count(ViolationKind kind) => Violations.Count(violation => violation.Kind == kind);
}
