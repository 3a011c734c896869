using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Peers;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Posix;

namespace AkkaWal.Benchmarks.Workloads.Appends;

/// <summary>
/// The cost of the check that a log makes before each write and before each acknowledgement. It looks up whether the
/// paths of the log's directory, of its lock file and of its active file still lead to them. With an owner, it also
/// looks up whether another owner has claimed the next epoch.
/// </summary>
internal static class OwnershipChecks
{
    // One before the write, and one between the sync and the acknowledgement.
    private const int ChecksPerAppend = 2;
    private const int RecordBytes = 100;

    internal static Workload Workload { get; } = new("ownership-check", Contests);

    private static IEnumerable<Contest> Contests(BenchContext context)
    {
        yield return new Contest("ownership-check", "two a durable append",
        [
            new("one check", () => [new(Metrics.PerCall, Check(context))]),
            new("one check, with an owner", () => [new(Metrics.PerCall, Check(context, hasOwner: true))]),
            new("one fstat", () => [new(Metrics.PerCall, BareCall(context))]),
            new("a durable append, plain log", () => Append(context)),
            new("a durable append, plain log with an owner", () => Append(context, "benchmark")),
        ], Metrics.PerCall);
    }

    private static double Check(BenchContext context, bool hasOwner = false)
    {
        var path = context.NewPath("owned");
        var files = PosixFileSystem.Instance;
        try
        {
            files.CreateDirectory(path);
            using var held = files.Lock(Path.Combine(path, "LOCK"));
            using var active = files.Open(Path.Combine(path, "00000000.log"), FileAccessMode.CreateNew);
            using var claims = files.OpenDirectory(path);
            var claim = Path.Combine(path, "2.claim");
            return context.NanosecondsPerCall(() =>
            {
                if (held.WhyLost() is not null
                    || (hasOwner && claims.Stat(claim) is not null)
                    || !active.IsNamed())
                    throw new InvalidOperationException("it was lost");
            });
        }
        finally
        {
            BenchContext.Remove(path);
        }
    }

    private static double BareCall(BenchContext context)
    {
        var path = context.NewPath("stat");
        var file = LibC.OpenFile(path);
        try
        {
            return context.NanosecondsPerCall(() => LibC.Stat(file));
        }
        finally
        {
            LibC.CloseFile(file);
            BenchContext.Remove(path);
        }
    }

    private static IReadOnlyList<Figure> Append(BenchContext context, string owner = "")
    {
        var check = Check(context, owner.Length > 0);
        var path = context.NewPath("plain");
        try
        {
            using var log = SegmentedLog.Open(path, new WalOptions { Owner = owner });
            var payload = Payloads.Of(RecordBytes);
            var append = context.NanosecondsPerCall(() =>
            {
                log.Append(payload);
                log.Commit();
            }, callsPerLook: 1);
            return [new(Metrics.PerCall, append), new(Metrics.Share, 100 * ChecksPerAppend * check / append)];
        }
        finally
        {
            BenchContext.Remove(path);
        }
    }
}
