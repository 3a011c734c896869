using AkkaWal.TestKit;
using AkkaWal.Storage;

namespace AkkaWal.Crash.Tests.Durability;

/// <summary>
/// One life of a log of which one call to the file system fails, and what must hold then:
/// <code>
///   something was lacking, and it was no sync   nothing happened; the same again works once the obstacle is gone
///   a courtesy                                  nobody notices
///   a sync                                      unknown and latched, or definite where nothing had happened;
///                                               reads go on
///   anything else                               an error of the log's own, and a log that opens when the obstacle
///                                               is gone
/// </code>
/// In every case what was acknowledged is there, and no handle is left.
/// </summary>
/// <param name="fault">How the call fails.</param>
/// <param name="failAt">Which one, from 1.</param>
/// <param name="stays">Whether all that follow fail as well, until somebody was refused.</param>
internal sealed class LackRun(DiskFault fault, int failAt, bool stays)
{
    private const string Directory = "/data/log";

    private readonly List<byte[]> _acknowledged = [];
    private SimulatedDisk _disk = new();
    private FaultyFiles _files = null!;
    private FileCall? _failed, _failedThatCounts;
    private bool _isLatched, _isHealed;
    private long _startOffset;

    /// <summary>Whether the call came, and failed.</summary>
    public bool HasFailed => _failed is not null;

    /// <summary>Whether the failure was latched.</summary>
    public bool IsLatched => _isLatched;

    private bool IsSync => _failed is { IsSync: true };

    private bool IsPassing =>
        !IsSync && fault.Cause is WalIOCause.NoRoom or WalIOCause.NoDescriptors or WalIOCause.NoMemory;

    private bool IsCourtesy => _failedThatCounts is null;

    private WalOptions Options => new()
    {
        MaxSegmentBytes = 3000, Archive = new DirectoryArchive(_files, "/data/archive"),
        Clock = FrozenClock.Instance, ReservationBytes = 256,
    };

    /// <summary>
    /// A whole life: a new log, appends, rolls, reads, upkeep, a clean stop, and an opening after it.
    /// </summary>
    public void RunWholeLife()
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

    /// <summary>An opening of what a process left that was killed in the middle of a commit behind a roll.</summary>
    public void RunOpeningAfterKill()
    {
        _files = new FaultyFiles(_disk);
        using (var log = SegmentedLog.Open(Directory, Options, _files))
        {
            for (var i = 0; i < 5; i++)
            {
                Append(log, 300 + i);
                if (i is 1 or 3) log.SealActive();
            }
            _disk = _disk.Kill();
        }
        var active = $"{Directory}/00000004.log";
        _disk.Overwrite(active, [.. _disk.ReadAll(active).AsSpan(0, 64 + 8 + 304), 1, 2, 3]);
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

    // A lack that stays is met by what needs it; to give some back, by cutting a file say, needs none.
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
                return SegmentedLog.Open(Directory, Options, _files);
            }
            catch (WalIOException e) when (HasFailed && attempt == 1)
            {
                Require(e.IsPassing || !IsPassing, $"a lack was told as {e.Cause}");
                RequireNothingOpen("after an opening that failed");
                // Whatever it was: with the obstacle gone it opens as if it had not been tried.
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
            Require(log.Append(payload) == _acknowledged.Count, "an offset was given twice, or left out");
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
                () => Require(
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
                Require(HasFailed && !IsCourtesy, $"nothing that counts failed, and the log says: {e.Message}");
                var isLack = e is WalLackException or WalIOException { IsPassing: true };
                Require(isLack || !IsPassing, $"a lack that passes was told as {e.GetType().Name}: {e.Message}");
                Require(attempt == 1 || !IsPassing, $"it did not heal: {e.Message}");
                _isHealed = true;
                if (e is WalOutcomeUnknownException or WalReadOnlyException) _isLatched = true;
                // What failed for good, or is not known, is not tried again; a read may be.
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
            Require(HasFailed && !IsPassing && !IsCourtesy, $"a stop that lacked something said: {e.Message}");
            _isLatched = true;
        }
        RequireNothingOpen("after a stop");
        if (_isLatched) CheckAftermath();
    }

    // Without a fault, as it is and as a power cut leaves it.
    private void CheckAftermath()
    {
        _isHealed = true;
        foreach (var disk in new[] { _disk.Kill(),
            _disk.PowerCut(new Random(failAt), new CutMode(KeptBytes.None, KeptNames.None)) })
        {
            var files = new FaultyFiles(disk);
            var options = Options with { Archive = new DirectoryArchive(files, "/data/archive") };
            using (var log = SegmentedLog.Open(Directory, options, files))
            {
                Require(
                    log.NextOffset >= _acknowledged.Count,
                    $"{log.NextOffset} records of {_acknowledged.Count} are there");
                for (var offset = Math.Max(_startOffset, log.StartOffset); offset < _acknowledged.Count; offset++)
                    Require(
                        log.Read(offset).AsSpan().SequenceEqual(_acknowledged[(int)offset]),
                        $"offset {offset} is not what was acknowledged");
                log.Append([1]);
                log.Commit();
            }
            Require((disk.OpenHandleCount, files.OpenDirectoryCount) == (0, 0), "handles are left");
        }
    }

    private void RequireNothingOpen(string when) => Require(
        (_disk.OpenHandleCount, _disk.HeldLockCount, _files.OpenDirectoryCount) == (0, 0, 0),
        $"{when} {_disk.OpenHandleCount} files, {_disk.HeldLockCount} locks and "
        + $"{_files.OpenDirectoryCount} directories are open");

    private void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new BrokenPromiseException(
                $"{fault.Reason} {(stays ? "from" : "at")} {_failed?.ToString() ?? "no call"}: {otherwise}");
    }
}
