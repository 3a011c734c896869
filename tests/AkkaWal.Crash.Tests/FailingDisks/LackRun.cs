using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.FailingDisks;

/// <summary>
/// A run of a log in which one call to the file system fails. What must hold:
/// <code>
///   something was lacking, and it was no sync   nothing happened; the same again works once the obstacle is gone
///   a courtesy                                  nobody notices
///   a sync                                      unknown and latched, or definite where nothing had happened;
///                                               reads go on
///   anything else                               an error of the log's own, and a log that opens when the obstacle
///                                               is gone
/// </code>
/// In every case all acknowledged records are there, and no handle is left open.
/// </summary>
/// <param name="fault">How the call fails.</param>
/// <param name="failAt">The number of the call that fails, from 1.</param>
/// <param name="stays">Whether all later calls fail as well, until the log has reported a failure.</param>
internal sealed class LackRun(DiskFault fault, int failAt, bool stays)
{
    /// <summary>A segment size that no segment reaches: the log rolls only where the run seals.</summary>
    private const long NeverReached = 3000;

    /// <summary>The tail reserves space several times in a segment.</summary>
    private const int SmallReservationBytes = 256;

    private readonly List<byte[]> _acknowledged = [];
    private SimulatedDisk _disk = new();
    private FaultyFiles _files = null!;
    private FileCall? _failed, _failedThatCounts;
    private bool _isLatched, _isHealed;
    private long _startOffset;

    /// <summary>Whether the run reached the call.</summary>
    public bool HasFailed => _failed is not null;

    /// <summary>Whether the failure was latched.</summary>
    public bool IsLatched => _isLatched;

    private bool IsSync => _failed is { IsSync: true };

    private bool IsPassing =>
        !IsSync && fault.Cause is WalIOCause.NoRoom or WalIOCause.NoDescriptors or WalIOCause.NoMemory;

    private bool IsCourtesy => _failedThatCounts is null;

    private WalOptions Options => new()
    {
        MaxSegmentBytes = NeverReached, Archive = new DirectoryArchive(_files, "/data/archive"),
        Clock = FrozenClock.Instance, ReservationBytes = SmallReservationBytes,
    };

    /// <summary>
    /// The whole use of a log: creation, appends, rolls, reads, upkeep, a clean stop, and another opening.
    /// </summary>
    public void RunWholeLife() => Run(LiveWholeLife);

    /// <summary>Opens a log whose process was killed in the middle of a commit behind a roll.</summary>
    public void RunOpeningAfterKill() => Run(OpenAfterKill);

    private void Run(Action life)
    {
        try
        {
            life();
        }
        catch (Exception e)
        {
            var when = $"{fault.Reason} {(stays ? "from" : "at")} {_failed?.ToString() ?? "no call"}";
            throw BrokenPromiseException.InRun(when, seed: null, _disk, e);
        }
    }

    private void LiveWholeLife()
    {
        Begin();
        var log = Open();
        if (log is null) return;
        for (var i = 0; i < 4; i++)
        {
            Append(log, 400 + i);
            Append(log, 300);
            Do(log, log.SealActive);
            ReadAll(log);
        }
        Append(log, 100);
        Do(log, () => log.CompressSegment("00000000.log"));
        ReadAll(log);
        Do(log, () => log.ArchiveSegment("00000002.log"));
        Do(log, () => log.ArchiveSegment("00000000.log"));
        ReadAll(log);
        Do(log, () => log.DeleteSegment("00000000.log"), () => _startOffset = 2);
        Do(log, () => log.TruncateBefore(4), () => _startOffset = 4);
        ReadAll(log);
        Append(log, 200);
        Close(log);
        if (_isLatched || Open() is not { } again) return;
        Append(again, 50);
        Close(again);
        CheckAftermath();
    }

    private void OpenAfterKill()
    {
        _files = new FaultyFiles(_disk);
        using (var log = SegmentedLog.Open(Workload.Directory, Options, _files))
        {
            for (var i = 0; i < 5; i++)
            {
                Append(log, 300 + i);
                if (i is 1 or 3) log.SealActive();
            }
            _disk = _disk.Kill();
        }
        var active = $"{Workload.Directory}/00000004.log";
        var firstRecordEnd = SegmentHeader.SizeBytes + (int)Frame.SizeOf(304);
        _disk.Overwrite(active, [.. _disk.ReadAll(active).AsSpan(0, firstRecordEnd), 1, 2, 3]);
        Begin();
        if (Open() is not { } opened) return;
        Append(opened, 50);
        ReadAll(opened);
        Close(opened);
        CheckAftermath();
    }

    private void Begin() => _files = new FaultyFiles(_disk)
    {
        Faults = call =>
        {
            if (_isHealed || (stays ? call.Number < failAt || !MayStay(call) : call.Number != failAt)) return null;
            _failed ??= call;
            if (!call.IsCourtesy) _failedThatCounts ??= call;
            return fault;
        },
    };

    // A resource that is lacking fails only calls that need it. To free it, for instance by cutting a file, needs none.
    private bool MayStay(FileCall call) => fault.Cause switch
    {
        WalIOCause.NoRoom => call.Word is "write" or "open to write" or "rename" or "create directory",
        WalIOCause.NoDescriptors => call.Word is "open" or "open to write" or "open directory" or "list",
        WalIOCause.NoMemory => !call.IsSync && call.Word is not "set length of",
        _ => true,
    };

    private SegmentedLog? Open()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return SegmentedLog.Open(Workload.Directory, Options, _files);
            }
            catch (WalIOException e) when (HasFailed && attempt == 1)
            {
                BrokenPromiseException.Unless(e.IsPassing || !IsPassing, $"a lack was told as {e.Cause}");
                RequireNothingOpen("after an opening that failed");
                // After any failure: once the fault is gone, the log opens as if it had not been tried.
                _isHealed = true;
            }
        }
    }

    private void Append(SegmentedLog log, int bytes)
    {
        var payload = new byte[bytes];
        Array.Fill(payload, (byte)(_acknowledged.Count + 1));
        Do(log, () =>
        {
            BrokenPromiseException.Unless(
                log.Append(payload) == _acknowledged.Count, "an offset was given twice, or left out");
            log.Commit();
        }, () => _acknowledged.Add(payload));
    }

    private void ReadAll(SegmentedLog log)
    {
        for (var offset = _startOffset; offset < _acknowledged.Count; offset++)
        {
            var at = offset;
            Do(
                log,
                () => BrokenPromiseException.Unless(
                    log.Read(at).AsSpan().SequenceEqual(_acknowledged[(int)at]),
                    $"offset {at} is not what was appended"),
                mayBeLatched: true);
        }
    }

    private void Do(SegmentedLog log, Action action, Action? done = null, bool mayBeLatched = false)
    {
        if (_isLatched && !mayBeLatched) return;
        for (var attempt = 1; ; attempt++)
        {
            var failedBefore = HasFailed;
            try
            {
                action();
                done?.Invoke();
                return;
            }
            catch (WalException e)
            {
                BrokenPromiseException.Unless(
                    HasFailed && !IsCourtesy, $"nothing that counts failed, and the log says: {e.Message}");
                var isLack = e is WalLackException or WalIOException { IsPassing: true };
                BrokenPromiseException.Unless(
                    isLack || !IsPassing, $"a lack that passes was told as {e.GetType().Name}: {e.Message}");
                BrokenPromiseException.Unless(attempt == 1 || !IsPassing, $"it did not heal: {e.Message}");
                _isHealed = true;
                if (e is WalOutcomeUnknownException or WalReadOnlyException) _isLatched = true;
                // An operation that failed for good or has an unknown outcome is not tried again; a read may be.
                if (_isLatched || (!isLack && !(e is WalIOException && failedBefore == false && attempt == 1))) return;
                if (_isLatched) log.Read(_startOffset);
            }
        }
    }

    private void Close(SegmentedLog log)
    {
        try
        {
            log.Close();
        }
        catch (WalException e)
        {
            BrokenPromiseException.Unless(
                HasFailed && !IsPassing && !IsCourtesy, $"a stop that lacked something said: {e.Message}");
            _isLatched = true;
        }
        RequireNothingOpen("after a stop");
        if (_isLatched) CheckAftermath();
    }

    // Opens the log without the fault, as it is and as a power cut leaves it.
    private void CheckAftermath()
    {
        _isHealed = true;
        foreach (var disk in new[] { _disk.Kill(),
            _disk.PowerCut(new Random(failAt), new CutMode(KeptBytes.None, KeptNames.None)) })
        {
            var files = new FaultyFiles(disk);
            var options = Options with { Archive = new DirectoryArchive(files, "/data/archive") };
            using (var log = SegmentedLog.Open(Workload.Directory, options, files))
            {
                BrokenPromiseException.Unless(
                    log.NextOffset >= _acknowledged.Count,
                    $"{log.NextOffset} records of {_acknowledged.Count} are there");
                for (var offset = Math.Max(_startOffset, log.StartOffset); offset < _acknowledged.Count; offset++)
                    BrokenPromiseException.Unless(
                        log.Read(offset).AsSpan().SequenceEqual(_acknowledged[(int)offset]),
                        $"offset {offset} is not what was acknowledged");
                log.Append([1]);
                log.Commit();
            }
            BrokenPromiseException.UnlessNothingIsOpen(disk, "after the aftermath");
            BrokenPromiseException.Unless(files.OpenDirectoryCount == 0, "directories are left");
        }
    }

    private void RequireNothingOpen(string when)
    {
        BrokenPromiseException.UnlessNothingIsOpen(_disk, when);
        BrokenPromiseException.Unless(
            _files.OpenDirectoryCount == 0, $"{when} {_files.OpenDirectoryCount} directories are open");
    }
}
