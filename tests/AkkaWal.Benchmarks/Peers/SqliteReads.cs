using Microsoft.Data.Sqlite;

namespace AkkaWal.Benchmarks.Peers;

/// <summary>
/// A prepared query of one thread: a record by its number. Each query has a transaction of its own, or all share one,
/// which sees nothing new.
/// </summary>
internal sealed class SqliteReads : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteTransaction? _transaction;
    private readonly SqliteCommand _command;
    private readonly SqliteParameter _offset;

    internal SqliteReads(SqlitePeer peer, bool isSnapshot)
    {
        _connection = peer.Connect();
        _transaction = isSnapshot ? _connection.BeginTransaction(deferred: true) : null;
        _command = _connection.CreateCommand();
        _command.Transaction = _transaction;
        _command.CommandText = "SELECT payload FROM log WHERE offset = $offset";
        _offset = _command.Parameters.Add("$offset", SqliteType.Integer);
        _command.Prepare();
    }

    /// <summary>The payload of a record; SQLite counts from 1.</summary>
    internal byte[] Read(long offset)
    {
        _offset.Value = offset + 1;
        using var reader = _command.ExecuteReader();
        return reader.Read()
            ? reader.GetFieldValue<byte[]>(0) : throw new InvalidOperationException($"SQLite has no record {offset}");
    }

    public void Dispose()
    {
        _command.Dispose();
        _transaction?.Dispose();
        _connection.Dispose();
    }
}
