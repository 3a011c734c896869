using System.Diagnostics;
using Akka.Streams;
using Akka.Streams.Dsl;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Reports;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Benchmarks.Workloads.Appends;
using AkkaWal.Storage;
using AkkaWal.Streams;

namespace AkkaWal.Benchmarks.Workloads.Reads;

/// <summary>
/// A log as its consumers see it: how fast a client and a stream scan it, how soon a follower gets a record that was
/// appended, and how much memory a follower takes that has stopped reading.
/// </summary>
internal static class ClientReads
{
    internal const string StoppedFollower = "stopped follower";

    private const int BatchRecords = 1000;

    internal static Workload Scans { get; } = new("client-scan", ScanContests);

    internal static Workload Follow { get; } = new("follow", FollowContests);

    internal static string ScanVariant => $"{ClientAppends.RecordBytes} B";

    private static IEnumerable<Contest> ScanContests(BenchContext context)
    {
        var records = context.Pick(1_000_000L, 5_000L);
        using var sample = new SampleLog(context, records, Payloads.Of(ClientAppends.RecordBytes));
        using var log = new ActorLog(context, new WalOptions(), sample.Path);
        using var materializer = log.System.Materializer();
        var client = ClientAppends.ClientOf(log);
        yield return new Contest("client-scan", ScanVariant,
        [
            new(Names.Client, () => Rate(records, () => CountAsync(client.ScanAsync(0)))),
            new(Names.StreamSource, () => Rate(records, () => WalSource.Scan(client, 0)
                .RunWith(Sink.Aggregate<WalRecord, long>(0, static (count, _) => count + 1), materializer))),
        ]);
    }

    private static IEnumerable<Contest> FollowContests(BenchContext context)
    {
        yield return new Contest("follow", "1 writer",
        [
            new(Names.Follower, () => Latency(context, isFollowers: true)),
            new(Names.Acknowledged, () => Latency(context, isFollowers: false)),
        ], Metrics.P50);
        yield return new Contest("follow", StoppedFollower,
        [
            new(Names.NoFollower, () => MemoryBeside(context, hasFollower: false)),
            new(Names.StoppedFollower, () => MemoryBeside(context, hasFollower: true)),
        ], Metrics.Memory) { WarmsUp = false };
    }

    private static IReadOnlyList<Figure> Rate(long records, Func<Task<long>> scan)
    {
        var clock = Stopwatch.StartNew();
        var count = scan().GetAwaiter().GetResult();
        if (count != records) throw new InvalidOperationException($"{count} of {records} records");
        return [new(Metrics.Rate, records / clock.Elapsed.TotalSeconds)];
    }

    private static async Task<long> CountAsync(IAsyncEnumerable<WalRecord> records)
    {
        var count = 0L;
        await foreach (var _ in records.ConfigureAwait(false)) count++;
        return count;
    }

    // The time from the start of an append until its reply, or until a follower has the record. The record holds the
    // time at which its append started.
    private static IReadOnlyList<Figure> Latency(BenchContext context, bool isFollowers)
    {
        using var log = new ActorLog(context, new WalOptions());
        var client = ClientAppends.ClientOf(log);
        using var end = new CancellationTokenSource();
        var (followed, acknowledged) = (new Latencies(), new Latencies());
        var warmUntil = Stopwatch.GetTimestamp() + (long)(context.WarmUp.TotalSeconds * Stopwatch.Frequency);
        var follower = Task.Run(() => FollowAsync(client, warmUntil, followed, end.Token));
        WriteAsync().GetAwaiter().GetResult();
        end.Cancel();
        follower.GetAwaiter().GetResult();
        return [.. (isFollowers ? followed : acknowledged).Figures()];

        async Task WriteAsync()
        {
            var payload = new byte[ClientAppends.RecordBytes];
            var clock = Stopwatch.StartNew();
            while (clock.Elapsed < context.WarmUp + context.Duration)
            {
                var now = Stopwatch.GetTimestamp();
                BitConverter.TryWriteBytes(payload, now);
                await client.AppendAsync(payload).ConfigureAwait(false);
                if (now >= warmUntil) acknowledged.AddSince(now);
            }
        }
    }

    private static async Task FollowAsync(
        IWalClient client, long warmUntil, Latencies latencies, CancellationToken end)
    {
        try
        {
            await foreach (var record in client.FollowAsync(0, cancellation: end).ConfigureAwait(false))
            {
                var appendedAt = BitConverter.ToInt64(record.Payload.Span);
                if (appendedAt >= warmUntil) latencies.AddSince(appendedAt);
            }
        }
        catch (OperationCanceledException)
        {
            // The writer has finished.
        }
    }

    // How much the heap grows while records are appended and a follower has read one record and stopped reading.
    private static IReadOnlyList<Figure> MemoryBeside(BenchContext context, bool hasFollower)
    {
        const double MebiByte = 1 << 20;
        using var log = new ActorLog(context, new WalOptions { Flush = FlushPolicy.OsCache });
        var client = ClientAppends.ClientOf(log);
        var payload = (ReadOnlyMemory<byte>)Payloads.Of(ClientAppends.RecordBytes);
        ReadOnlyMemory<byte>[] batch = [.. Enumerable.Repeat(payload, BatchRecords)];
        client.AppendBatchAsync(batch).GetAwaiter().GetResult();
        var follower = client.FollowAsync(0).GetAsyncEnumerator();
        try
        {
            if (hasFollower) follower.MoveNextAsync().AsTask().GetAwaiter().GetResult();
            var before = GC.GetTotalMemory(forceFullCollection: true);
            for (var i = 0; i < context.Pick(1000, 5); i++) client.AppendBatchAsync(batch).GetAwaiter().GetResult();
            return [new(Metrics.Memory, (GC.GetTotalMemory(forceFullCollection: true) - before) / MebiByte)];
        }
        finally
        {
            follower.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
