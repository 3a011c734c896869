using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.Workloads;

/// <summary>
/// One process that uses a log: it opens the log, does random operations, and reports the promises to the oracle.
/// Segments are tiny, so that most runs roll. Payloads are empty to larger than a segment.
/// </summary>
/// <param name="disk">The log's disk.</param>
/// <param name="oracle">The oracle, with the promises so far.</param>
/// <param name="random">Makes all choices.</param>
/// <param name="options">The log's options.</param>
/// <param name="payloadBytes">
/// The size of every payload; null for random sizes. With a fixed size, a frame that a recovery dropped can be exactly
/// where a later scan looks for one.
/// </param>
internal sealed class Workload(
    SimulatedDisk disk, Oracle oracle, Random random, WalOptions options, int? payloadBytes = null) : IDisposable
{
    public const string Directory = "/data/log";

    private SegmentedLog? _log;

    public SegmentedLog Log => _log ?? throw new InvalidOperationException("the log is not open");

    /// <summary>Large payloads get segments that hold several commits, so that a cut can tear more than one.</summary>
    public static WalOptions AnyOptions(Random random, FlushPolicy flush, int? payloadBytes = null) => new()
    {
        Flush = flush,
        MaxSegmentBytes = payloadBytes > 500 ? random.Next(8000, 30_000) : random.Next(4) switch
        {
            0 => random.Next(1, 64),
            1 => random.Next(2000, 30_000),
            _ => random.Next(64, 800),
        },
        MaxCommitBytes = WalOptions.SmallestCommitBytes,
        // The default, which reaches the end of such segments, or a small one with many steps.
        ReservationBytes = random.Next(3) == 0 ? WalOptions.FirstReservationBytes : random.Next(8, 600),
        Clock = FrozenClock.Instance,
    };

    public static SegmentedLog Open(SimulatedDisk disk, WalOptions options) =>
        SegmentedLog.Open(Directory, options, disk);

    /// <summary>Opens the log and checks it against the earlier promises.</summary>
    public void Open()
    {
        _log = Open(disk, options);
        oracle.CheckAndAdopt(_log);
    }

    public void Step(bool mayReopen = true)
    {
        switch (random.Next(100))
        {
            case < 50:
                Append();
                break;
            case < 65:
                AppendBatch();
                break;
            case < 84:
                Commit();
                break;
            case < 89:
                Sync();
                break;
            case < 93:
                Seal();
                break;
            case < 94:
                oracle.CheckRecords(Log);
                break;
            case < 98:
                Delete();
                break;
            default:
                if (mayReopen)
                    Reopen();
                break;
        }
    }

    public void Append()
    {
        var payload = Payload();
        BrokenPromiseException.Unless(
            Log.Append(payload) == oracle.SubmittedNextOffset, "an append got another offset than the next one");
        oracle.Submitted(payload);
        Listen();
    }

    public void AppendBatch()
    {
        var batch = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Payload()).ToList();
        if (batch.Sum(payload => Frame.SizeOf(payload.Length)) > options.MaxCommitBytes)
            return;
        BrokenPromiseException.Unless(
            Log.AppendBatch(batch.ConvertAll(payload => (ReadOnlyMemory<byte>)payload)) == oracle.SubmittedNextOffset,
            "a batch got another offset than the next one");
        oracle.Submitted(batch);
        Listen();
    }

    public void Commit()
    {
        Log.Commit();
        Listen();
        BrokenPromiseException.Unless(
            oracle.WrittenNextOffset == oracle.SubmittedNextOffset, "a commit left something out");
        if (options.Flush == FlushPolicy.Always)
            BrokenPromiseException.Unless(
                oracle.DurableNextOffset == oracle.SubmittedNextOffset, "a commit acknowledged what is not durable");
    }

    public void Sync()
    {
        Log.Sync();
        Listen();
        BrokenPromiseException.Unless(
            oracle.DurableNextOffset == oracle.SubmittedNextOffset, "a sync left something out");
    }

    public void Seal()
    {
        if (Log.NextOffset == Log.Segments[^1].StartOffset)
            return;
        Log.SealActive();
        Listen();
        BrokenPromiseException.Unless(
            oracle.DurableNextOffset == oracle.SubmittedNextOffset, "a seal left something out");
    }

    /// <summary>Deletes a sealed segment, or all below some offset.</summary>
    public void Delete()
    {
        var segments = Log.Segments.Where(segment => segment.IsSealed).ToList();
        if (segments.Count == 0)
            return;
        var one = segments[random.Next(segments.Count)];
        if (random.Next(2) == 0)
            Delete([one], () => Log.DeleteSegment(one.File));
        else
            Delete(
                [.. segments.TakeWhile(segment => segment.EndOffset <= one.EndOffset)],
                () => Log.TruncateBefore(one.EndOffset + 1));
    }

    private void Delete(List<SegmentInfo> segments, Func<long> delete)
    {
        if (oracle.IsDeleting)
        {
            // The outcome of an earlier deletion is unknown, so nothing is deleted until the log is opened anew.
            Assert.Throws<WalReadOnlyException>(() => delete());
            return;
        }

        oracle.DeletionBegins(segments);
        try
        {
            BrokenPromiseException.Unless(
                delete() <= segments.Sum(segment => segment.SizeBytes), "more was freed than there was");
            oracle.DeletionEnds(happened: true);
        }
        catch (WalIOException) when (disk.Faults is not null)
        {
            oracle.DeletionEnds(happened: false);
        }
        catch (WalOutcomeUnknownException) when (disk.Faults is not null)
        {
            // The next opening shows the outcome. Appends go on.
        }
    }

    /// <summary>A clean stop and a start.</summary>
    public void Reopen()
    {
        CloseCleanly();
        BrokenPromiseException.UnlessNothingIsOpen(disk, "after a clean stop");
        Open();
    }

    /// <summary>A clean stop: all records are durable, staged ones too.</summary>
    public void CloseCleanly()
    {
        _log?.Close();
        _log = null;
        oracle.Promised(oracle.SubmittedNextOffset, oracle.SubmittedNextOffset);
    }

    public void Dispose()
    {
        _log?.Dispose();
        _log = null;
    }

    private byte[] Payload()
    {
        var payload = new byte[payloadBytes ?? random.Next(20) switch
        {
            0 => 0,
            1 => random.Next(6000),
            < 5 => random.Next(600),
            _ => random.Next(1, 60),
        }];
        random.NextBytes(payload);
        return payload;
    }

    /// <summary>Under any policy the log's own report counts as a promise.</summary>
    private void Listen() => oracle.Promised(Log.CommittedNextOffset, Log.DurableNextOffset);
}

/// <summary>A clock that stands still, so that a run depends on its seed alone.</summary>
internal sealed class FrozenClock : TimeProvider
{
    public static readonly FrozenClock Instance = new();

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
}
