using System.Diagnostics;
using AkkaWal.Benchmarks.Harness;
using Microsoft.Data.Sqlite;

namespace AkkaWal.Benchmarks.Peers;

/// <summary>SQLite: a table of blobs by number, a write-ahead log, and a full sync for each commit.</summary>
internal sealed class SqlitePeer : IDisposable
{
    private readonly string _path;
    private readonly SqliteConnection _connection;

    internal SqlitePeer(BenchContext context)
    {
        _path = context.NewPath("sqlite");
        Directory.CreateDirectory(_path);
        _connection = Connect();
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA synchronous=FULL");
        Execute("CREATE TABLE log (offset INTEGER PRIMARY KEY, payload BLOB NOT NULL)");
    }

    /// <summary>A connection of its own to the same file, for a thread.</summary>
    internal SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_path, "log.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>One connection commits one transaction after the other: SQLite allows one writer.</summary>
    /// <param name="context">The run.</param>
    /// <param name="perTransaction">The inserts in a transaction.</param>
    /// <param name="payload">The payload of each.</param>
    internal static IReadOnlyList<Figure> DurableAppends(BenchContext context, int perTransaction, byte[] payload)
    {
        using var peer = new SqlitePeer(context);
        var latencies = new Latencies();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < context.WarmUp) peer.Insert(perTransaction, payload);
        clock.Restart();
        long transactions = 0;
        for (; clock.Elapsed < context.Duration; transactions++)
        {
            var start = Stopwatch.GetTimestamp();
            peer.Insert(perTransaction, payload);
            latencies.AddSince(start);
        }
        return [new(Metrics.Rate, transactions * perTransaction / clock.Elapsed.TotalSeconds), .. latencies.Figures()];
    }

    internal void Insert(long records, byte[] payload)
    {
        using var transaction = _connection.BeginTransaction();
        using var command = _connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "INSERT INTO log (payload) VALUES ($payload)";
        command.Parameters.AddWithValue("$payload", payload);
        command.Prepare();
        for (var i = 0L; i < records; i++) command.ExecuteNonQuery();
        transaction.Commit();
    }

    public void Dispose()
    {
        _connection.Dispose();
        BenchContext.Remove(_path);
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
