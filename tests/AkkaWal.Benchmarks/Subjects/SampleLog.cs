using AkkaWal.Benchmarks.Harness;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Subjects;

/// <summary>A log of equal records that was stopped cleanly, to be read.</summary>
internal sealed class SampleLog : IDisposable
{
    private const int FrameHeaderBytes = 8, CommitRecords = 8192;

    internal SampleLog(BenchContext context, long records, byte[] payload, long maxSegmentBytes = 64 << 20)
    {
        Path = context.NewPath("sample");
        Records = records;
        RecordsPerSegment = maxSegmentBytes / (payload.Length + FrameHeaderBytes);
        var options = new WalOptions { Flush = FlushPolicy.OsCache, MaxSegmentBytes = maxSegmentBytes };
        using var log = SegmentedLog.Open(Path, options, new CountingFiles { IsHasty = true });
        for (var i = 1L; i <= records; i++)
        {
            log.Append(payload);
            if (i % CommitRecords == 0) log.Commit();
        }
    }

    internal string Path { get; }

    internal long Records { get; }

    internal long RecordsPerSegment { get; }

    /// <summary>The segments' files, oldest first.</summary>
    internal IReadOnlyList<string> Files => [.. Directory.GetFiles(Path, "*.log").Order(StringComparer.Ordinal)];

    public void Dispose() => BenchContext.Remove(Path);
}
