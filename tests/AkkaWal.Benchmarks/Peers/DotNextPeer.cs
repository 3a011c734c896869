using System.Buffers;
using System.Diagnostics;
using AkkaWal.Benchmarks.Harness;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace AkkaWal.Benchmarks.Peers;

/// <summary>
/// dotNext's write-ahead log for Raft, on one node: a checksum an entry, files mapped into memory (its default), and
/// a state machine that does nothing. Each of its commits returns once it is on the disk.
/// </summary>
internal sealed class DotNextPeer : IDisposable
{
    // The best of 4 KiB (the default), 64 KiB, 1 MiB and 16 MiB, with one writer and with many.
    private const int ChunkBytes = 1 << 20;

    // Until there is a snapshot, it keeps a file of 4 KiB open and mapped for every 64 entries: here 12,500 files.
    private const long MostRecords = 800_000;

    private readonly string _path;
    private readonly WriteAheadLog _log;

    internal DotNextPeer(BenchContext context)
    {
        _path = context.NewPath("dotnext");
        var options = new WriteAheadLog.Options
        {
            Location = _path,
            ChunkSize = ChunkBytes,
            HashAlgorithm = WriteAheadLog.IntegrityHashAlgorithm.XxHash3,
        };
        _log = new WriteAheadLog(options, IStateMachine.CreateNoOp(long.MaxValue));
        _log.InitializeAsync(CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>
    /// All writers append, and one task commits for them, one commit after the other: the log ends the process if two
    /// callers wait for a durable commit at the same time. A single writer commits itself.
    /// </summary>
    internal static IReadOnlyList<Figure> DurableAppends(BenchContext context, int writers, byte[] payload)
    {
        using var peer = new DotNextPeer(context);
        var log = peer._log;
        var (committed, commits) = (0L, 0L);
        var next = NewRound();

        async Task Append()
        {
            var index = await peer.AppendAsync(payload);
            if (writers == 1) await log.CommitAsync(index, CancellationToken.None);
            else
            {
                // Read before the check: where a commit comes in between, it has ended this round, and nobody waits.
                for (; ; )
                {
                    var round = Volatile.Read(ref next);
                    if (Volatile.Read(ref committed) >= index) break;
                    await round.Task;
                }
            }
        }

        async Task<bool> Commit()
        {
            var last = log.LastEntryIndex;
            if (last <= committed) return false;
            await log.CommitAsync(last, CancellationToken.None);
            commits++;
            Volatile.Write(ref committed, last);
            Interlocked.Exchange(ref next, NewRound()).SetResult();
            return true;
        }

        var figures = Writers.Run(context, writers, Append, writers == 1 ? null : Commit);
        return [.. figures, new(Metrics.PerSync, writers == 1 ? 1 : (double)log.LastEntryIndex / Math.Max(1, commits))];
    }

    /// <summary>
    /// Appends that are not committed: the operating system has them. There are fewer if the log can't hold all.
    /// </summary>
    internal static IReadOnlyList<Figure> BufferedAppends(BenchContext context, long records, byte[] payload)
    {
        using var peer = new DotNextPeer(context);
        var clock = Stopwatch.StartNew();
        peer.Fill(records, payload);
        return [new(Metrics.Rate, peer._log.LastEntryIndex / clock.Elapsed.TotalSeconds)];
    }

    /// <summary>Fills the log, with fewer records if it can't hold all.</summary>
    internal void Fill(long records, byte[] payload)
    {
        records = Math.Min(records, MostRecords);

        async Task Append()
        {
            for (var i = 0L; i < records; i++) await AppendAsync(payload);
        }

        Append().GetAwaiter().GetResult();
    }

    /// <summary>Reads all records in their order.</summary>
    internal IReadOnlyList<Figure> Scan()
    {
        var (count, bytes, clock) = (0L, 0L, Stopwatch.StartNew());
        var reading = _log.ReadAsync(1, _log.LastEntryIndex, CancellationToken.None).AsTask();
        using (var entries = reading.GetAwaiter().GetResult())
        {
            for (var i = 0; i < entries.Count; i++)
            {
                if (!entries[i].TryGetPayload(out var payload)) continue;
                count++;
                bytes += payload.Length;
            }
        }
        if (count != _log.LastEntryIndex)
            throw new InvalidOperationException($"{count} of {_log.LastEntryIndex} records, {bytes} bytes");
        return [new(Metrics.Rate, count / clock.Elapsed.TotalSeconds)];
    }

    public void Dispose()
    {
        _log.DisposeAsync().AsTask().GetAwaiter().GetResult();
        BenchContext.Remove(_path);
    }

    private static TaskCompletionSource NewRound() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ValueTask<long> AppendAsync(byte[] payload) =>
        _log.AppendAsync(new BinaryLogEntry { Content = payload, Term = 1 }, CancellationToken.None);
}
