namespace AkkaWal.Benchmarks.Reports;

/// <summary>What contenders are called in tables, files and plots.</summary>
internal static class Names
{
    internal const string AkkaWal = "AkkaWal", AkkaWalLog = "AkkaWal, plain log";
    internal const string AkkaWalAppender = "AkkaWal, appender", AkkaWalRolling = "AkkaWal, plain log that rolls";
    internal const string AkkaWalReader = "AkkaWal, direct", AkkaWalMapped = "AkkaWal, direct, mapped";
    internal const string Faster = "FasterLog", FasterFast = "FasterLog, fast commit";
    internal const string FasterMany = "FasterLog, 32 under way", FasterLarge = "FasterLog, 1 GiB in memory";
    internal const string Sqlite = "SQLite", SqliteTransactions = "SQLite, 256 a transaction",
        SqliteSnapshot = "SQLite, one read transaction";
    internal const string Etcd = "etcd's WAL", DotNext = "dotNext's WAL", RocksDb = "RocksDB";
    internal const string DiskSync = "pwrite + fdatasync", DiskWrite = "pwrite, 1 MiB chunks", DiskRead = "pread";
    internal const string DiskScan = "pread, 256 KiB chunks", DiskScanChecked = "pread + CRC-32C";
    internal const string EmptyChain = "empty chain of actors", BareMessages = "bare messages";
    internal const string Client = "AkkaWal, client", StreamSink = "AkkaWal.Streams, sink",
        StreamSource = "AkkaWal.Streams, source";
    internal const string Follower = "follower has it", Acknowledged = "acknowledged";
    internal const string NoFollower = "no follower", StoppedFollower = "follower that stopped";
    internal const string Node = "AkkaWal.Node", BareLoop = "bare loop";
}
