using System.Buffers.Binary;
using System.Diagnostics;
using AkkaWal.Benchmarks.Harness;
using RocksDbSharp;

namespace AkkaWal.Benchmarks.Peers;

/// <summary>
/// RocksDB, records by number, without compression: its write-ahead log is what a durable write waits for. It takes
/// part where its native library can be loaded.
/// </summary>
internal sealed class RocksDbPeer : IDisposable
{
    private const int BatchRecords = 1024;

    private readonly string _path;
    private readonly RocksDb _database;
    private long _next;

    internal RocksDbPeer(BenchContext context)
    {
        _path = context.NewPath("rocksdb");
        _database = RocksDb.Open(new DbOptions().SetCreateIfMissing(true).SetCompression(Compression.No), _path);
    }

    /// <summary>Whether it can take part here.</summary>
    internal static bool IsAvailable { get; } = CanLoad();

    /// <summary>
    /// Writers that are threads. Each waits for the sync of its record, and RocksDB lets those that wait share a
    /// sync.
    /// </summary>
    internal static IReadOnlyList<Figure> DurableAppends(BenchContext context, int writers, byte[] payload)
    {
        using var peer = new RocksDbPeer(context);
        var synced = new WriteOptions().SetSync(true);
        return Writers.RunThreads(context, writers, () =>
        {
            var key = new byte[sizeof(long)];
            return () =>
            {
                BinaryPrimitives.WriteInt64BigEndian(key, Interlocked.Increment(ref peer._next));
                peer._database.Put(key, payload, null, synced);
            };
        });
    }

    /// <summary>Write batches whose sync nobody waits for.</summary>
    internal static IReadOnlyList<Figure> BufferedAppends(BenchContext context, long records, byte[] payload)
    {
        using var peer = new RocksDbPeer(context);
        var clock = Stopwatch.StartNew();
        peer.Append(records, payload);
        return [new(Metrics.Rate, records / clock.Elapsed.TotalSeconds)];
    }

    /// <summary>Fills it, and compacts it into as few sorted tables as it can.</summary>
    internal void Fill(long records, byte[] payload)
    {
        Append(records, payload);
        _database.Flush(new FlushOptions().SetWaitForFlush(true));
        _database.CompactRange((byte[]?)null, null, null);
    }

    /// <summary>Reads all records by their numbers. The checksum of each block is verified.</summary>
    internal IReadOnlyList<Figure> Scan()
    {
        var (count, bytes, clock) = (0L, 0L, Stopwatch.StartNew());
        using (var iterator = _database.NewIterator())
        {
            for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            {
                count++;
                bytes += iterator.GetValueSpan().Length;
            }
        }
        if (count != _next) throw new InvalidOperationException($"{count} of {_next} records, {bytes} bytes");
        return [new(Metrics.Rate, count / clock.Elapsed.TotalSeconds)];
    }

    public void Dispose()
    {
        _database.Dispose();
        BenchContext.Remove(_path);
    }

    private void Append(long records, byte[] payload)
    {
        var buffered = new WriteOptions().SetSync(false);
        var key = new byte[sizeof(long)];
        using var batch = new WriteBatch();
        for (var left = records; left > 0; left -= BatchRecords)
        {
            batch.Clear();
            for (var i = Math.Min(left, BatchRecords); i > 0; i--)
            {
                BinaryPrimitives.WriteInt64BigEndian(key, ++_next);
                batch.Put(key, payload);
            }
            _database.Write(batch, buffered);
        }
    }

    private static bool CanLoad()
    {
        try
        {
            _ = new WriteOptions();
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            return false;
        }
    }
}
