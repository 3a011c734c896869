using System.Diagnostics;
using AkkaWal.Benchmarks.Harness;
using FASTER.core;

namespace AkkaWal.Benchmarks.Peers;

/// <summary>A FasterLog with a checksum an entry, on the same disk.</summary>
internal sealed class FasterLogPeer : IDisposable
{
    private readonly string _path;
    private readonly IDevice _device;

    internal FasterLogPeer(BenchContext context, bool fastCommit = false, int memorySizeBits = 26)
    {
        _path = context.NewPath("faster");
        Directory.CreateDirectory(_path);
        _device = Devices.CreateLogDevice(
            Path.Combine(_path, "hlog.log"), preallocateFile: false, deleteOnClose: false);
        Log = new FasterLog(new FasterLogSettings
        {
            LogDevice = _device,
            LogCommitDir = _path,
            LogChecksum = LogChecksumType.PerEntry,
            PageSizeBits = 22,
            MemorySizeBits = memorySizeBits,
            SegmentSizeBits = 30,
            FastCommitMode = fastCommit,
        });
    }

    internal FasterLog Log { get; }

    /// <summary>
    /// All writers enqueue a record and await its commit. One task commits for them, one commit after the other.
    /// </summary>
    internal static IReadOnlyList<Figure> DurableAppends(
        BenchContext context, int writers, byte[] payload, bool fastCommit)
    {
        using var peer = new FasterLogPeer(context, fastCommit);
        var log = peer.Log;

        async Task Append()
        {
            log.Enqueue(payload);
            // A single writer starts the commit itself, since no other one shares it.
            if (writers == 1) await log.CommitAsync();
            else await log.WaitForCommitAsync();
        }

        async Task<bool> Commit()
        {
            if (log.TailAddress <= log.CommittedUntilAddress) return false;
            await log.CommitAsync();
            return true;
        }

        return Writers.Run(context, writers, Append, writers == 1 ? null : Commit);
    }

    /// <summary>Appends that nobody waits for.</summary>
    internal static IReadOnlyList<Figure> BufferedAppends(
        BenchContext context, long records, byte[] payload, int memorySizeBits = 26)
    {
        using var peer = new FasterLogPeer(context, memorySizeBits: memorySizeBits);
        var clock = Stopwatch.StartNew();
        for (var i = 0L; i < records; i++) peer.Log.Enqueue(payload);
        return [new(Metrics.Rate, records / clock.Elapsed.TotalSeconds)];
    }

    /// <summary>Fills the log, and returns once it is on the disk.</summary>
    /// <returns>Where each record is.</returns>
    internal long[] Fill(long records, byte[] payload)
    {
        var addresses = new long[records];
        for (var i = 0L; i < records; i++) addresses[i] = Log.Enqueue(payload);
        Log.Commit(true);
        return addresses;
    }

    /// <summary>Reads all entries in their order, through the interface that makes no object for each.</summary>
    internal IReadOnlyList<Figure> Scan()
    {
        var counter = new Counter();
        var clock = Stopwatch.StartNew();
        using (var walk = Log.Scan(Log.BeginAddress, Log.CommittedUntilAddress))
        {
            while (walk.NextAddress < Log.CommittedUntilAddress)
                if (!walk.TryConsumeNext(counter)) walk.WaitAsync().AsTask().GetAwaiter().GetResult();
        }
        return [new(Metrics.Rate, counter.Count / clock.Elapsed.TotalSeconds)];
    }

    public void Dispose()
    {
        Log.Dispose();
        _device.Dispose();
        BenchContext.Remove(_path);
    }

    private sealed class Counter : ILogEntryConsumer
    {
        internal long Count { get; private set; }

        internal long Bytes { get; private set; }

        public void Consume(ReadOnlySpan<byte> entry, long currentAddress, long nextAddress)
        {
            Count++;
            Bytes += entry.Length;
        }
    }
}
