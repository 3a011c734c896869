using System.Collections.Concurrent;
using AkkaWal.Cluster.Tests.Nodes;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Tests.History;

/// <summary>
/// Readers on nodes, of logs that a load appends to. Of each log in turn they read the last record that was
/// acknowledged, and any other. It must have the bytes that were acknowledged at its offset.
/// </summary>
internal sealed class Readers(Load load, IReadOnlyList<string> logs)
{
    // A log that moves holds only one of them up.
    private const int PerNode = 4;

    // They leave some processor time to those that append.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly List<Reader> _readers = [];
    private readonly ConcurrentQueue<string> _problems = new();
    private int _count, _refused;

    /// <summary>How many records were read.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>How many reads ended with the client's time-out.</summary>
    internal int RefusedCount => Volatile.Read(ref _refused);

    /// <summary>Reads that returned other bytes, or that must not be refused in this way.</summary>
    internal IReadOnlyCollection<string> Problems => _problems;

    /// <summary>Starts readers on a node.</summary>
    internal void Start(TestNode node)
    {
        for (var i = 0; i < PerNode; i++)
        {
            var share = logs.Where((_, number) => number % PerNode == i).ToList();
            _readers.Add(new Reader(this, node, share));
        }
    }

    /// <summary>
    /// Waits until each reader has read of each log what was the last acknowledged record at the call, or a later one.
    /// </summary>
    internal async Task CaughtUp()
    {
        // The round that is under way may have read a log before the call.
        var goals = _readers.Select(reader => (Reader: reader, Rounds: reader.Rounds + 2)).ToList();
        await Eventually.True(
            async () =>
            {
                await Task.WhenAll(_readers.Select(reader => reader.End).Where(end => end.IsFaulted));
                return goals.All(goal => goal.Reader.Rounds >= goal.Rounds);
            },
            "each reader has read all logs", Load.Patience);
    }

    /// <summary>Ends the readers on a node that has left.</summary>
    internal Task Stop(TestNode node) => Stop(_readers.Where(reader => reader.Node == node));

    /// <summary>Ends all readers.</summary>
    internal Task Stop() => Stop(_readers);

    private IEnumerable<HistoryChecker.Entry> Choose(string log) => load.LastAndAny(log);

    private async Task Stop(IEnumerable<Reader> ended)
    {
        var readers = ended.ToList();
        foreach (var reader in readers) reader.Stop();
        foreach (var reader in readers) await reader.End;
        _readers.RemoveAll(readers.Contains);
    }

    private async Task Read(IWalClient client, HistoryChecker.Entry entry, CancellationToken cancellation)
    {
        try
        {
            var payload = await client.ReadAsync(entry.Offset, cancellation);
            if (!payload.Span.SequenceEqual(entry.Payload.Span))
                _problems.Enqueue($"{entry} was acknowledged at {entry.Offset}, and other bytes were read there");
            Interlocked.Increment(ref _count);
        }
        // The client has tried again until its time was over.
        catch (WalRequestException e) when (
            e.Kind is FailureKind.Unavailable or FailureKind.NotOwned or FailureKind.OutcomeUnknown)
        {
            Interlocked.Increment(ref _refused);
        }
        catch (WalRequestException e)
        {
            _problems.Enqueue($"{entry} was acknowledged at {entry.Offset}, and its read ended: {e.Kind}: {e.Message}");
        }
    }

    private sealed class Reader
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Readers _owner;
        private readonly IReadOnlyList<string> _logs;
        private volatile int _rounds;

        internal Reader(Readers owner, TestNode node, IReadOnlyList<string> logs)
        {
            (_owner, Node, _logs) = (owner, node, logs);
            End = Task.Run(Run);
        }

        internal TestNode Node { get; }

        internal Task End { get; }

        /// <summary>How often it has read all logs.</summary>
        internal int Rounds => _rounds;

        internal void Stop() => _stop.Cancel();

        private async Task Run()
        {
            using var timer = new PeriodicTimer(Pause);
            var clients = _logs.ToDictionary(log => log, log => Node.Logs.Client(log));
            try
            {
                while (true)
                {
                    foreach (var (log, client) in clients)
                    {
                        foreach (var entry in _owner.Choose(log)) await _owner.Read(client, entry, _stop.Token);
                        await timer.WaitForNextTickAsync(_stop.Token);
                    }
                    _rounds++;
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // It was told to end.
            }
        }
    }
}
