using AkkaWal.Benchmarks.Harness;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Subjects;

/// <summary>A log of realistic records with an archive beside it.</summary>
internal sealed class OldLog : IDisposable
{
    private const int CommitRecords = 8192;

    private readonly WalOptions _options;
    private readonly string _archive;

    internal OldLog(
        BenchContext context, string kind, long bytes, long maxSegmentBytes,
        CompressionCodec codec = CompressionCodec.Zstd)
    {
        Path = context.NewPath("old");
        _archive = context.NewPath("archive");
        Archive = new DirectoryArchive(WalFileSystem.Default, _archive);
        _options = new WalOptions
        {
            Flush = FlushPolicy.OsCache,
            MaxSegmentBytes = maxSegmentBytes,
            Archive = Archive,
            Codec = codec,
        };
        var payloads = new RealisticPayloads(7);
        using var log = SegmentedLog.Open(Path, _options, new CountingFiles { IsHasty = true });
        for (var count = 1; bytes > 0; count++)
        {
            var payload = payloads.Next(kind);
            log.Append(payload);
            bytes -= payload.Length;
            if (count % CommitRecords == 0) log.Commit();
        }
        log.SealActive();
        SealedNextOffset = log.CommittedNextOffset;
    }

    internal string Path { get; }

    internal ISegmentArchive Archive { get; }

    internal long SealedNextOffset { get; }

    /// <summary>Does something to each sealed segment.</summary>
    internal void Maintain(Action<SegmentedLog, string> operation)
    {
        using var log = SegmentedLog.Open(Path, _options, new CountingFiles { IsHasty = true });
        foreach (var segment in log.Segments.Where(s => s.IsSealed)) operation(log, segment.File);
    }

    public void Dispose()
    {
        BenchContext.Remove(Path);
        BenchContext.Remove(_archive);
    }
}
